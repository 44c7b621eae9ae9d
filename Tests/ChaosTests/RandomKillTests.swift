import Foundation
import ProcessDriver
import Testing

@Suite struct `A server that is killed at any moment` {
    /// The shortest deadline that leaves room for an answer: crashes then also race with expiring orders.
    private let environment = ["SAGA_TIMEOUT": "3000"]

    @Test(.timeLimit(.minutes(60)))
    func `loses no order, no money and no stock, and answers every key with one order`() async throws {
        let seed: UInt64 = 20_26
        let random = SeededDice(seed: seed)
        let kills = CrashRun.kills
        let run = try CrashRun("random", environment: environment)
        let load = try await run.prepare(seed: seed)
        let server = try await load.run {
            for _ in 0..<kills {
                let server = try await run.start()
                try await pause(.milliseconds(100 + random.below(1100)))
                try await server.kill()
                run.shop.moved(to: nil)
            }
            return try await run.start()
        }
        try await run.finish(load, on: server, saying: "\(kills) kills at random moments, seed \(seed)")
    }

    @Test(.timeLimit(.minutes(2)))
    func `starts again after it was killed while it started for the first time`() async throws {
        let run = try CrashRun("start", environment: environment)
        for delay in [0, 10, 20, 30, 40, 60, 80] {
            let program = try PurchaseProgram(
                ["serve", "--port", "0", "--env", "test", "--database", run.workspace.database],
                run.workspace.environment(), in: run.workspace)
            try await pause(.milliseconds(delay))
            await program.signal(SIGKILL)
            let exit = try await program.end(within: .seconds(10))
            #expect(exit == .signal(SIGKILL))
        }
        var load = try await run.prepare(seed: 1)
        load.rest = .milliseconds(20)
        let server = try await load.run { [ledger = load.ledger] in
            let server = try await run.start()
            try await until("20 orders") { ledger.count >= 20 }
            return server
        }
        try await run.finish(load, on: server, saying: "7 kills while the first start made the database")
    }
}
