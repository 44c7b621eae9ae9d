import HTTPTypes
import Hummingbird
import PurchaseContracts
import Testing

@testable import PurchaseAPI

@Suite struct SystemAPITests {
    @Test func `the root says which service and version answers`() async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(.get, "/")
            #expect(answer.status == .ok)
            #expect(try answer.text("service") == "purchase")
            #expect(try answer.text("version") == "test")
            #expect(try await api.send(.get, "/health/live").status == .ok)
            #expect(try await api.send(.get, "/health/ready").text("checks", "database") == "ok")
            let head = try await api.send(.head, "/")
            #expect(head.status == .ok)
            #expect(head.body.isEmpty)
            #expect(try await api.send(.head, "/nothing").body.isEmpty)
        }
    }

    @Test(arguments: ["/", "/nothing", "/items/x"])
    func `every answer carries the security headers`(path: String) async throws {
        try await APIHarness.run { api in
            let headers = try await api.send(.get, path).headers
            #expect(headers[.xContentTypeOptions] == "nosniff")
            #expect(headers[.cacheControl] == "no-store")
            #expect(headers[.contentSecurityPolicy]?.contains("default-src 'none'") == true)
            for name in ["X-Frame-Options", "Referrer-Policy"] {
                #expect(HTTPField.Name(name).flatMap { headers[$0] } != nil, "\(name)")
            }
        }
    }

    @Test func `a problem has the standard's members, the original's, and the client's language`() async throws {
        try await APIHarness.run { api in
            let korean = try await api.send(.get, "/items/018f0000-0000-7000-8000-000000000001")
            #expect(korean.status == .notFound)
            #expect(korean.headers[.contentType] == "application/problem+json; charset=utf-8")
            #expect(try korean.text("type") == "urn:purchase-saga:problem:items.not-found")
            #expect(try korean.number("status") == 404)
            #expect(korean.code == "items.not-found")
            #expect(try korean.text("title") == "아이템 없음")
            #expect(try korean.text("detail") == korean.text("message"))
            #expect(try korean.text("instance") == "/items/018f0000-0000-7000-8000-000000000001")
            #expect(try korean.json.at(["success"]) == .bool(false))
            #expect(try korean.text("error") == "Not Found")
            let english = try await api.send(
                .get, "/items/018f0000-0000-7000-8000-000000000001", headers: [.acceptLanguage: "en"])
            #expect(try english.text("title") == "Item not found")
            #expect(english.headers[.contentLanguage] == "en")
        }
    }

    @Test(arguments: ["/nothing", "/admin/nothing", "/order", "/../etc/passwd", "/%2e%2e/x", "/%00", "/items/a/b/c"])
    func `an unknown path is 404`(path: String) async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(.post, path)
            #expect(answer.status == .notFound)
            #expect(answer.code == "request.unknown-path")
        }
    }

    @Test func `a wrong method is 405 and told which are right`() async throws {
        try await APIHarness.run { api in
            for (method, path, allow) in [
                (HTTPRequest.Method.delete, "/items", "GET, HEAD, POST"), (.get, "/orders", "POST"),
                (.put, "/orders/x", "GET, HEAD"), (.get, "/setup-test-data", "POST"),
            ] {
                let answer = try await api.send(method, path)
                #expect(answer.status == .methodNotAllowed)
                #expect(answer.headers[.allow] == allow)
                #expect(answer.code == "request.wrong-method")
            }
        }
    }

    @Test func `a bad token is 401 everywhere, even where guests may enter`() async throws {
        try await APIHarness.run { api in
            for path in ["/", "/items", "/nothing", "/user/x/balance"] {
                let answer = try await api.send(.get, path, token: "a.b.c")
                #expect(answer.status == .unauthorized)
                #expect(answer.code == "access.token-refused")
                #expect(answer.headers[.wwwAuthenticate]?.contains("invalid_token") == true)
            }
            let basic = try await api.send(.get, "/", headers: [.authorization: "Basic YTpi"])
            #expect(basic.status == .unauthorized)
            // The first and the last are alike: one row a minute for the same caller, route and reason.
            #expect(try await api.refusals() == 4)
        }
    }

    @Test func `test data is made once, with tokens that work`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            #expect(data.items.count == 3)
            let again = try await api.testData()
            #expect(again.user == data.user)
            #expect(again.items == data.items)
            let balance = try await api.send(.get, "/user/\(data.user)/balance", token: data.userToken)
            #expect(try balance.number("balance") == 50_000)
            let sword = try await api.send(.get, "/items/\(data.items[0])")
            #expect(try sword.text("name") == "마법검")
            #expect(try sword.number("stock") == 50)
        }
    }

    @Test func `there is no test data in production or beyond this machine`() async throws {
        for change in [{ $0.isProduction = true }, { $0.isLoopback = false }] as [@Sendable (inout APISettings) -> Void]
        {
            try await APIHarness.run(change: change) { api in
                let answer = try await api.send(.post, "/setup-test-data")
                #expect(answer.status == .notFound)
                #expect(answer.code == "request.unknown-path")
            }
        }
    }
}
