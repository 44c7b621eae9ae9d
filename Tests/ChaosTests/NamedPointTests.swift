import Foundation
import ProcessDriver
import SagaChoreography
import Testing

/// The process ends itself, as if killed, when it reaches a named point for the n-th time.
@Suite struct `A server that dies at a named point` {
    /// The short run dies at the second time; a long one also at the first and at a late one.
    private static func counts(_ point: ProbePoint) -> [Int] {
        guard CrashRun.kills > 50 else { return [2] }
        // The outbox is pruned about once a second.
        return [1, 3, point == .pruneBeforeCommit ? 5 : 40]
    }

    @Test(.timeLimit(.minutes(60)), arguments: ProbePoint.allCases)
    func `goes on from its database as if nothing had happened`(point: ProbePoint) async throws {
        for count in Self.counts(point) { try await die(at: point, count: count) }
    }

    private func die(at point: ProbePoint, count: Int) async throws {
        let what = "\(point.rawValue):\(count)"
        let run = try CrashRun(what.replacing(":", with: "-"))
        var load = try await run.prepare(seed: UInt64(count))
        load.clients = 3
        load.rest = .milliseconds(20)
        let ledger = load.ledger
        let server = try await load.run {
            try await crash(run, what)
            let server = try await run.start()
            let known = ledger.count
            try await until("orders after the crash") { ledger.count >= known + 10 }
            return server
        }
        try await run.finish(load, on: server, saying: "a crash at \(what)")
    }

    /// Serves until the point is reached, which may be before the server says that it is ready.
    private func crash(_ run: CrashRun, _ what: String) async throws {
        do {
            let server = try await run.start(["TEST_CRASH_POINT": what])
            let exit = try await server.program.end(within: .seconds(60))
            #expect(exit == .signal(SIGKILL), "\(what): \(server.program.errors)")
        } catch let error as ServerDidNotStart {
            #expect(error.exit == .signal(SIGKILL), "\(what): \(error)")
        }
        run.shop.moved(to: nil)
    }
}
