import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import Testing
import Users

@testable import PurchaseAPI

@Suite struct `Accounts and logins` {
    private let registration = #"{"name":"Mina","password":"correct horse"}"#

    @Test func `whoever registers can log in and buy, under one name whatever its case`() async throws {
        try await APIHarness.run { api in
            let made = try await api.send(.post, "/auth/register", registration)
            #expect(made.status == .created)
            let id = try made.text("user", "id")
            let again = try await api.send(.post, "/auth/register", #"{"name":"MINA","password":"battery staple"}"#)
            #expect(again.status == .conflict && again.code == "users.name-taken")
            let login = try await api.send(.post, "/auth/login", #"{"name":"mina","password":"correct horse"}"#)
            #expect(login.status == .ok)
            let token = try login.text("token")
            let balance = try await api.send(.get, "/user/\(id)/balance", token: token)
            #expect(try balance.number("balance") == 0)
        }
    }

    @Test func `an unknown name, a wrong password and an account without one get the same answer`() async throws {
        try await APIHarness.run { api in
            _ = try await api.testData()
            _ = try await api.send(.post, "/auth/register", registration)
            var bodies: Set<String> = []
            for name in ["nobody", "Mina", "testuser"] {
                let answer = try await api.send(.post, "/auth/login", #"{"name":"\#(name)","password":"wrong wrong"}"#)
                #expect(answer.status == .unauthorized)
                bodies.insert(answer.body)
            }
            #expect(bodies.count == 1)
            #expect(try await api.audited("users.login-failed").count == 3)
        }
    }

    @Test func `failed logins slow the next ones, the right password too, until time has passed`() async throws {
        try await APIHarness.run { api in
            _ = try await api.send(.post, "/auth/register", registration)
            for _ in 0..<5 {
                let answer = try await api.send(.post, "/auth/login", #"{"name":"Mina","password":"wrong"}"#)
                #expect(answer.status == .unauthorized)
            }
            let blocked = try await api.send(.post, "/auth/login", registration)
            #expect(blocked.status == .tooManyRequests)
            #expect(blocked.headers[.retryAfter] == "2")
            api.clock.advance(by: .seconds(3))
            #expect(try await api.send(.post, "/auth/login", registration).status == .ok)
        }
    }

    @Test func `a token that was logged out is refused, others are not`() async throws {
        try await APIHarness.run { api in
            let first = try await api.send(.post, "/auth/register", registration).text("token")
            let second = try await api.send(.post, "/auth/login", registration).text("token")
            #expect(try await api.send(.post, "/auth/logout", token: first).status == .noContent)
            let refused = try await api.send(.get, "/auth/session", token: first)
            #expect(refused.status == .unauthorized && refused.code == "access.token-refused")
            #expect(try await api.send(.get, "/auth/session", token: second).status == .ok)
        }
    }

    @Test func `a new password ends every other token`() async throws {
        try await APIHarness.run { api in
            let old = try await api.send(.post, "/auth/register", registration).text("token")
            let wrong = try await api.send(
                .post, "/auth/password", token: old, #"{"currentPassword":"x","newPassword":"another horse"}"#)
            #expect(wrong.status == .unprocessableContent && wrong.code == "access.wrong-password")
            let changed = try await api.send(
                .post, "/auth/password", token: old,
                #"{"currentPassword":"correct horse","newPassword":"another horse"}"#)
            #expect(changed.status == .ok)
            #expect(try await api.send(.get, "/auth/session", token: old).status == .unauthorized)
            #expect(try await api.send(.get, "/auth/session", token: try changed.text("token")).status == .ok)
            #expect(try await api.send(.post, "/auth/login", registration).status == .unauthorized)
        }
    }

    @Test func `a session's cookie works for the own page and changes nothing for another site's`() async throws {
        try await APIHarness.run { api in
            _ = try await api.send(.post, "/auth/register", registration)
            let opened = try await api.send(.post, "/auth/session", registration)
            let cookie = try #require(opened.headers[.setCookie])
            #expect(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"))
            #expect(!opened.body.contains("eyJ"))
            let sent = String(cookie.prefix { $0 != ";" })
            let site = try #require(HTTPField.Name("Sec-Fetch-Site"))
            #expect(try await api.send(.get, "/auth/session", headers: [.cookie: sent]).status == .ok)
            let foreign = try await api.send(
                .delete, "/auth/session", headers: [.cookie: sent, site: "cross-site"])
            #expect(foreign.status == .forbidden)
            let own = try await api.send(.delete, "/auth/session", headers: [.cookie: sent, site: "same-origin"])
            #expect(own.status == .noContent)
            #expect(try await api.send(.get, "/auth/session", headers: [.cookie: sent]).status == .unauthorized)
        }
    }

    @Test(arguments: [
        (#"{"name":"x","password":"short"}"#, "/password"),
        (#"{"name":"correct horse","password":"Correct Horse"}"#, "/password"),
        (#"{"name":" ","password":"correct horse"}"#, "/name"),
        (#"{"name":"x","password":"correct horse","role":"admin"}"#, "/role"),
        (#"{"name":"x"}"#, "/password"),
    ])
    func `a bad registration says which field`(body: String, pointer: String) async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(.post, "/auth/register", body)
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.array("errors").map { try $0.text("pointer") } == [pointer])
        }
    }
}

@Suite struct `An administrator of accounts` {
    @Test func `finds accounts, changes them, and what their tokens say ends at once`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let token = try await api.send(
                .post, "/auth/register", #"{"name":"Mina","password":"correct horse"}"#)
            let id = try token.text("user", "id")
            let found = try await api.send(.get, "/admin/users?name=mi&role=user&active=true", token: data.adminToken)
            #expect(try found.array("users").map { try $0.text("id") } == [id])
            let changed = try await api.send(
                .patch, "/admin/users/\(id)", token: data.adminToken,
                #"{"roles":["inventory_manager"],"slotCapacity":3}"#)
            #expect(changed.status == .ok)
            #expect(try changed.number("slotCapacity") == 3)
            #expect(try await api.send(.get, "/auth/session", token: try token.text("token")).status == .unauthorized)
            let off = try await api.send(
                .patch, "/admin/users/\(id)", token: data.adminToken, #"{"isActive":false}"#)
            #expect(off.status == .ok)
            let login = try await api.send(.post, "/auth/login", #"{"name":"mina","password":"correct horse"}"#)
            #expect(login.status == .unauthorized)
        }
    }

    @Test func `cannot take his own rights away`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let admin = try #require(try await api.database.read { try UserQueries($0).user(named: "admin")?.id })
            for body in [#"{"roles":["user"]}"#, #"{"isActive":false}"#] {
                let answer = try await api.send(.patch, "/admin/users/\(admin)", token: data.adminToken, body)
                #expect(answer.status == .conflict && answer.code == "users.own-rights")
            }
        }
    }

    @Test func `pays in once under one key, and the statement shows it`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let path = "/admin/users/\(data.user)/deposit"
            let body = #"{"amount":700,"reason":"gift"}"#
            let first = try await api.send(
                .post, path, token: data.adminToken, body, headers: [.idempotencyKey: "k1"])
            let second = try await api.send(
                .post, path, token: data.adminToken, body, headers: [.idempotencyKey: "k1"])
            #expect(first.status == .created && second.status == .created && first.body == second.body)
            #expect(second.headers[.idempotentReplayed] == "true")
            let other = try await api.send(
                .post, path, token: data.adminToken, #"{"amount":701,"reason":"gift"}"#,
                headers: [.idempotencyKey: "k1"])
            #expect(other.status == .unprocessableContent)
            let statement = try await api.send(
                .get, "/user/\(data.user)/transactions?limit=1", token: data.userToken)
            #expect(try statement.array("transactions").map { try $0.number("amount") } == [700])
            let next = try await api.send(
                .get, "/user/\(data.user)/transactions?cursor=\(try statement.text("next"))", token: data.userToken)
            #expect(try next.array("transactions").map { try $0.number("amount") } == [50_000])
        }
    }
}
