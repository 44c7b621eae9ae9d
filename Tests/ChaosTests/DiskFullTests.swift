import Foundation
import ProcessDriver
import Testing

/// SQLite's files may not grow, as on a full disk, while clients order.
@Suite(.serialized) struct `A disk that is full` {
    private struct Problem: Decodable {
        let code: String
        let status: Int
    }

    @Test(.timeLimit(.minutes(3)))
    func `is answered 503 until there is room again, and nothing is lost`() async throws {
        let run = try CrashRun("disk-full")
        let load = try await run.prepare(seed: 11)
        let server = try await load.run {
            let server = try await run.start()
            for round in 0..<2 {
                let known = load.ledger.count
                try await until("orders while there is room") { load.ledger.count >= known + 20 }
                try await server.program.limitFiles(to: try size(of: run.workspace.database + "-wal"))
                let refused = try await expectRefusals(run, load, round)
                // Whatever else waits, the audit trail has yet to take the orders from before.
                try await until("the log to say that it cannot work") {
                    server.program.errors.components(separatedBy: "activity paused").count > round + 1
                }
                #expect(try await run.shop.call("GET", "/health/live").status == 200)
                #expect(try await run.shop.call("GET", "/items").status == 200, "reading needs no room")
                try await server.program.limitFiles(to: nil)
                try await load.place(refused.key, refused.body)
            }
            let known = load.ledger.count
            try await until("orders once there is room again") { load.ledger.count >= known + 20 }
            return server
        }
        try await run.finish(load, on: server, saying: "a full disk, twice")
    }

    /// An order is refused in words that say to come again.
    ///
    /// - Returns: what it was asked with, to be asked again when there is room.
    private func expectRefusals(_ run: CrashRun, _ load: Load, _ round: Int) async throws -> (key: String, body: String)
    {
        let (user, item) = (load.testData.user.id, load.testData.items[0].id)
        let body = #"{"userId":"\#(user)","itemId":"\#(item)","quantity":1}"#
        var (number, key) = (0, "")
        let refusal = try await waiting(for: "a refusal") { () -> Storefront.Answer? in
            number += 1
            key = "full-\(round)-\(number)"
            load.ledger.asks(key)
            let answer = try await run.shop.call(
                "POST", "/orders", token: load.testData.tokens.user, headers: [("Idempotency-Key", key)], body: body
            )
            guard answer.status == 201 else { return answer }
            load.ledger.accepted(key, try answer.decoded(as: Seen.Order.self).id, body: body)
            return nil
        }
        let problem = try refusal.decoded(as: Problem.self)
        #expect(problem.status == 503 && problem.code == "service.unavailable")
        #expect(refusal.headers["retry-after"] != nil)
        // The disk stays full for as long as it takes to refuse many.
        let refused = load.ledger.refusals
        try await until("more refusals") { load.ledger.refusals >= refused + 20 }
        return (key, body)
    }

    private func size(of path: String) throws -> UInt64 {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return (attributes[.size] as? NSNumber)?.uint64Value ?? 0
    }
}
