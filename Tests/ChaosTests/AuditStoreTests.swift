import Foundation
import ProcessDriver
import TestServers
import Testing

/// The audit trail in the services' own database and in MongoDB, either of which is killed while clients order.
@Suite(.serialized, .enabled(if: MongoServer.requirement.allowsTests, "\(MongoServer.requirement.explanation)"))
struct `An audit trail in two stores` {
    private struct Checked: Decodable {
        struct Finding: Decodable {
            let what: String
        }

        let entries: Int64
        let storeEntries: Int64?
        let findings: [Finding]
    }

    private static func environment(_ port: Int) -> [String: String] {
        [
            "AUDIT_STORAGE_TYPE": "dual", "MONGODB_URI": "mongodb://127.0.0.1:\(port)/audit",
            "MONGODB_SERVER_SELECTION_TIMEOUT": "500", "AUDIT_BATCH_INTERVAL_MS": "100",
        ]
    }

    @Test(.timeLimit(.minutes(10)))
    func `holds up no order while one of them is away, and has everything once in both afterwards`() async throws {
        try await MongoServer.with { mongo in
            let run = try CrashRun("audit-away", environment: Self.environment(mongo.port))
            let load = try await run.prepare(seed: 31)
            let server = try await load.run {
                let server = try await run.start()
                for _ in 0..<3 {
                    let known = load.ledger.count
                    try await until("orders while MongoDB is there") { load.ledger.count >= known + 20 }
                    try await mongo.kill()
                    try await until("orders while MongoDB is away") { load.ledger.count >= known + 60 }
                    try await mongo.restart()
                }
                return server
            }
            try await expectTheSame(in: run, mongo)
            #expect(load.ledger.refusals == 0, "no order was refused")
            try await run.finish(load, on: server, saying: "MongoDB killed three times")
        }
    }

    @Test(.timeLimit(.minutes(60)))
    func `has everything once in both after the process that feeds MongoDB was killed at any moment`() async throws {
        try await MongoServer.with { mongo in
            let random = SeededDice(seed: 32)
            let run = try CrashRun("audit-kill", environment: Self.environment(mongo.port))
            var load = try await run.prepare(seed: 32)
            // In a long run more seldom: the server that plays MongoDB looks through all its entries for each page that is compared.
            load.rest = .milliseconds(5 * CrashRun.kills)
            let server = try await load.run {
                for number in 0..<CrashRun.kills {
                    let server = try await run.start()
                    try await pause(.milliseconds(100 + random.below(900)))
                    if number % 3 == 1 { try await mongo.kill() }
                    try await server.kill()
                    run.shop.moved(to: nil)
                    if number % 3 == 1 { try await mongo.restart() }
                }
                return try await run.start()
            }
            try await expectTheSame(in: run, mongo)
            try await run.finish(
                load, on: server, saying: "\(CrashRun.kills) kills of the feeder, some of MongoDB as well")
        }
    }

    /// Both are intact and have as many entries, once what waits is in both.
    private func expectTheSame(in run: CrashRun, _ mongo: MongoServer) async throws {
        let environment = run.workspace.environment(Self.environment(mongo.port))
        // A long run leaves hundreds of thousands of entries, and the server that plays MongoDB takes them slowly.
        let patience = Duration.seconds(120 + 5 * CrashRun.kills)
        _ = try await waiting(for: "the same in both", within: patience) { () -> Bool? in
            let ended = try await run.workspace.run(
                ["audit", "verify", "--json", "--env", "test", "--database", run.workspace.database],
                environment: environment, within: patience)
            let found = try JSONDecoder().decode(Checked.self, from: Data(ended.out.utf8))
            try #require(found.findings.map(\.what) == [], "\(ended.out)")
            try #require(ended.exit == .code(0))
            return found.entries > 0 && found.storeEntries == found.entries ? true : nil
        }
    }
}
