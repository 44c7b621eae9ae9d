import Foundation
import ProcessDriver
import Testing

@Suite struct `A server that is told to stop` {
    @Test(.timeLimit(.minutes(3)))
    func `ends in good order under load, and what it left is done by the next one`() async throws {
        let run = try CrashRun("stop")
        let load = try await run.prepare(seed: 7)
        let server = try await load.run {
            for _ in 0..<3 {
                let server = try await run.start()
                let known = load.ledger.count
                try await until("orders under way") { load.ledger.count >= known + 30 }
                let begin = ContinuousClock.now
                run.shop.moved(to: nil)
                let exit = try await server.stop()
                #expect(exit == .code(0), "SIGTERM: \(server.program.errors)")
                #expect(ContinuousClock.now - begin < .seconds(8))
            }
            return try await run.start()
        }
        try await run.finish(load, on: server, saying: "3 orderly stops under load")
    }

    @Test(.timeLimit(.minutes(3)), arguments: [SIGTERM, SIGINT])
    func `does not wait for clients that keep their connection or wait for an order`(signal: Int32) async throws {
        let run = try CrashRun("waiting", environment: ["PAYMENT_UNKNOWN_RATE": "1"])
        let load = try await run.prepare(seed: 8)
        let server = try await run.start()
        let id = try await load.place(
            "key", #"{"userId":"\#(load.testData.user.id)","itemId":"\#(load.testData.items[0].id)","quantity":1}"#)
        try await withThrowingTaskGroup(of: Void.self) { group in
            // Nobody will learn what became of this payment, so the answer takes as long as it may.
            group.addTask {
                _ = try? await run.shop.call("POST", "/orders/\(id)/cancel", token: load.testData.tokens.user)
            }
            try await pause(.milliseconds(300))
            await server.program.signal(signal)
            let exit = try await server.program.end(within: .seconds(15))
            #expect(exit == .code(0), "\(server.program.errors)")
            try await group.waitForAll()
        }
        run.workspace.remove()
    }

    @Test(.timeLimit(.minutes(3)), arguments: [SIGTERM, SIGINT])
    func `ends streams of the audit trail at once, in good order`(signal: Int32) async throws {
        let run = try CrashRun("streams")
        let server = try await run.start()
        let token = try await run.shop.setUpTestData().tokens.admin
        let streams = (0..<5).map { _ in OpenStream(server.url + "/admin/audit/stream", token: token) }
        try await until("open streams") { streams.allSatisfy { $0.text.hasPrefix(":\n\n") } }
        await server.program.signal(signal)
        let exit = try await server.program.end(within: .seconds(15))
        #expect(exit == .code(0), "\(server.program.errors)")
        try await until("the streams' ends") { streams.allSatisfy { $0.end != nil } }
        #expect(streams.allSatisfy { $0.end == .whole })
        run.workspace.remove()
    }
}
