import Foundation
import PostgresAdapter
import ProcessDriver
import PurchaseApp
import SQLCore
import SagaChoreography
import SagaSQL
import TestServers
import Testing

/// A dead letter whose consumer is in another process than the API, on PostgreSQL and Redis.
@Suite(.serialized, .enabled(if: SplitSystem.allowsTests, "\(SplitSystem.explanation)"))
struct `A replay asked for at one process` {
    @Test(.timeLimit(.minutes(3))) func `is handled in the one that has the consumer`() async throws {
        let system = try await SplitSystem("replay")
        let workers = try await system.start(
            "orders,coupons,users,inventory,items,payments,notifications,audit", system.environment())
        let api = try await system.start("api", system.environment())
        let shop = Storefront()
        shop.moved(to: api.url)
        let data = try await shop.setUpTestData()

        let letter = try await system.parkIdleEvent()
        let path = "/admin/dead-letters/\(letter)/replay"
        let why = #"{"reason":"mended"}"#
        let plan = try await shop.call("POST", path + "?dryRun=true", token: data.tokens.admin, body: why)
        #expect(plan.status == 200, "\(String(decoding: plan.body, as: UTF8.self))")
        #expect(try await shop.replay(letter, token: data.tokens.admin) == ["ignored"])

        // From the command line, beside both of them.
        let missing = try await system.workspace.run(
            ["dead-letters", "replay", letter, "--reason", "again", "--env", "test"], environment: system.environment())
        #expect(missing.exit == .code(1) && missing.errors.contains("refused"), "\(missing.errors)")
        try await system.finish([api, workers])
    }
}

extension SplitSystem {
    /// Parks an event that its consumer has no reaction to; the dead letter's id.
    func parkIdleEvent() async throws -> String {
        let database = PostgresDatabase(owner, PostgresSettings(poolSize: 1, searchPath: PurchaseSystem.schemas))
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let envelope = Envelope(
            id: UUID(), type: "order.created", version: 1, source: "orders", subject: UUID(), time: now,
            correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8))
        let fault = SagaFault.retryable("a mistake, mended by now")
        try await database.write { transaction in
            try SQLSagaStore(database).park(
                Retry(envelope: envelope, attempts: 4, dueAt: now, reason: fault.summary), because: fault,
                for: "notifications", at: now, in: transaction)
        }
        database.close()
        return ParkedMessages.id(of: envelope.id, in: "notifications").uuidString.lowercased()
    }
}

extension Storefront {
    private struct Followed: Decodable {
        struct Item: Decodable { let disposition: String? }

        let state: String
        let items: [Item]
    }

    /// Replays a dead letter and waits until somebody has handled it.
    ///
    /// - Returns: how.
    func replay(_ letter: String, token: String) async throws -> [String?] {
        let answer = try await call(
            "POST", "/admin/dead-letters/\(letter)/replay", token: token, body: #"{"reason":"mended"}"#)
        #expect(answer.status == 202, "\(String(decoding: answer.body, as: UTF8.self))")
        let operation = try #require(answer.headers["location"])
        let done = try await waiting(for: "the replay to be handled", within: .seconds(60)) { () -> Followed? in
            let seen = try await get(operation, token: token, as: Followed.self)
            return seen.state == "done" ? seen : nil
        }
        return done.items.map(\.disposition)
    }
}
