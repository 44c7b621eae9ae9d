import Audit
import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@testable import PurchaseAPI

@Suite struct `Keeping and forgetting over HTTP` {
    private static let why = #"{"reason":"spring"}"#

    /// A full segment of entries that were kept long enough, and a few that were not.
    private func age(_ api: APIHarness) async throws -> APIHarness.TestData {
        let data = try await api.testData()
        try await api.system.trail?.flush()
        try await api.recordChanges(10_000)
        api.clock.advance(by: .seconds(366 * 86_400))
        return data
    }

    private func token(_ api: APIHarness) async throws -> String { try await api.token(UserID(UUID()), [.admin]) }

    @Test func `tells how long entries are kept, and what is held`() async throws {
        try await APIHarness.run { api in
            let admin = try await token(api)
            let hold = try await api.send(
                .post, "/admin/audit/holds", token: admin, #"{"reason":"a court asks","action":"order.created"}"#)
            let answer = try await api.send(.get, "/admin/audit/retention", token: admin)
            #expect(
                try [answer.number("days"), answer.number("severeDays"), answer.number("severeThreshold")]
                    == [365, 1095, 4])
            #expect(try answer.json.at(["cleanedUpDaily"]) == false)
            #expect(try answer.array("holds") == [hold.json])
        }
    }

    @Test func `takes away what was kept long enough, and logs who asked for it and why`() async throws {
        try await APIHarness.run { api in
            _ = try await age(api)
            let admin = UserID(UUID())
            let token = try await api.token(admin, [.admin])
            let before = try await api.rowsWritten()
            let dry = try await api.send(.post, "/admin/audit/cleanup?dryRun=true", token: token, Self.why)
            #expect(try await api.rowsWritten() == before)
            let real = try await api.send(
                .post, "/admin/audit/cleanup", token: token, Self.why, headers: [.userAgent: "curl/8.0"])
            #expect(try dry.number("entries") == real.number("entries"))
            #expect(try real.number("entries") > 9_900)
            #expect(try [real.number("segments"), real.number("held")] == [1, 0])
            #expect(try real.array("damaged").isEmpty && real.json.at(["dryRun"]) == false)
            #expect((try? real.number("next")) == nil)
            let entry = try #require(try await api.audited("audit.pruned").first)
            #expect(entry.actor == .init(userID: admin.uuid, role: "admin", userAgent: "curl/8.0"))
            #expect(try StrictJSON.parse(Array(entry.details)).text("reason") == "spring")
            let verified = try await api.send(.get, "/admin/audit/verify", token: token)
            #expect(try verified.json.at(["intact"]) == true)
            let again = try await api.send(.post, "/admin/audit/cleanup?after=1", token: token, Self.why)
            #expect(try again.number("entries") == 0)
        }
    }

    @Test func `holds what a hold covers until it is released`() async throws {
        try await APIHarness.run { api in
            _ = try await age(api)
            let admin = UserID(UUID())
            let token = try await api.token(admin, [.admin])
            let hold = try await api.send(
                .post, "/admin/audit/holds", token: token,
                #"{"reason":"a court asks","resource":"user","resourceId":"7"}"#)
            #expect(hold.status == .created)
            let path = "/admin/audit/holds/\(try hold.text("id"))"
            #expect(try await api.send(.get, "/admin/audit/holds", token: token).json == .array([hold.json]))
            let dry = try await api.send(.post, "/admin/audit/cleanup?dryRun=true", token: token, Self.why)
            #expect(try dry.number("held") == 1)

            #expect(try await api.send(.delete, path, token: token, Self.why).status == .noContent)
            let again = try await api.send(.delete, path, token: token, Self.why)
            #expect(again.status == .notFound)
            #expect(again.code == "audit.hold-not-found")
            #expect(try await api.send(.get, "/admin/audit/holds", token: token).json == [])
            let free = try await api.send(.post, "/admin/audit/cleanup?dryRun=true", token: token, Self.why)
            #expect(try free.number("held") == 0)
            for action in ["audit.hold-placed", "audit.hold-released"] {
                #expect(try await api.audited(action).map(\.actor.userID) == [admin.uuid], "\(action)")
            }
        }
    }

    @Test(arguments: [
        (#"{"reason":"why"}"#, "/userId"), (#"{"reason":"why","userId":null,"action":null}"#, "/userId"),
        (#"{"action":"order.created"}"#, "/reason"),
        (#"{"reason":"why","from":"2026-01-02T00:00:00Z","until":"2026-01-02T00:00:00Z"}"#, "/until"),
    ])
    func `a hold needs a reason and something to hold`(body: String, pointer: String) async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(.post, "/admin/audit/holds", token: try await token(api), body)
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.array("errors").map { try $0.text("pointer") } == [pointer])
        }
    }

    @Test func `names the command where the role may only look at the trail`() async throws {
        try await APIHarness.run(isForbidden: true) { api in
            let admin = try await token(api)
            try await api.database.write { try $0.script("ALTER TABLE audit_holds RENAME TO audit_gone") }
            for (path, body) in [
                ("/admin/audit/cleanup", Self.why), ("/admin/audit/holds", #"{"reason":"why","action":"a"}"#),
            ] {
                let answer = try await api.send(.post, path, token: admin, body)
                #expect(answer.status == .conflict, "\(path): \(answer.body)")
                #expect(answer.code == "audit.read-only")
                #expect(try answer.text("detail").contains("purchase audit cleanup"))
            }
            // Others may use the database next.
            try await api.database.write { try $0.script("ALTER TABLE audit_gone RENAME TO audit_holds") }
        }
    }
}

extension APIHarness {
    /// So many entries of users 0, 1, ….
    func recordChanges(_ count: Int) async throws {
        let (now, ids) = (clock.now(), UUIDv7Generator(clock: clock, random: SeededRandom(seed: 8)))
        try await database.write { transaction in
            let step = SQLStep(transaction: transaction, now: now, ids: ids)
            for number in 0..<count {
                try AuditLog.write(
                    AuditRecord(
                        service: "users", action: "users.change", resource: "user", resourceID: "\(number)", actor: nil),
                    in: step)
            }
        }
        try await system.trail?.flush()
    }
}
