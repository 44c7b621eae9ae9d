import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A server that ended before it was ready.
package struct ServerDidNotStart: Error, CustomStringConvertible {
    package let exit: Exit
    package let errors: String

    package init(exit: Exit, errors: String) {
        self.exit = exit
        self.errors = errors
    }

    package var description: String { "purchase serve ended with \(exit) before it was ready: \(errors)" }
}

/// A running `purchase serve`.
package struct Server: Sendable {
    package let program: PurchaseProgram
    package let url: String

    /// A process that said that it is ready.
    package init(program: PurchaseProgram, url: String) {
        self.program = program
        self.url = url
    }

    /// Starts one on the workspace's database, and waits until it says that it is ready.
    ///
    /// - Parameter port: 0 for a free one.
    /// - Throws: ``ServerDidNotStart``; ``WaitedInVain``.
    package static func start(
        in workspace: Workspace, environment: [String: String] = [:], port: Int = 0
    ) async throws -> Server {
        let program = try PurchaseProgram(
            ["serve", "--port", "\(port)", "--env", "test", "--database", workspace.database],
            workspace.environment(environment), in: workspace)
        let url = try await waiting(for: "the greeting of purchase serve", every: .milliseconds(5)) { () -> String? in
            if let url = program.out.firstMatch(of: #/is ready: (https?://127\.0\.0\.1:\d+)\n/#)?.output.1 {
                return String(url)
            }
            if let exit = await program.exit { throw ServerDidNotStart(exit: exit, errors: program.errors) }
            return nil
        }
        return Server(program: program, url: url)
    }

    /// Where operators read its metrics; `nil` if nowhere.
    package var metricsURL: String? {
        program.out.firstMatch(of: #/Metrics at (http://127\.0\.0\.1:\d+)\/metrics/#).map { String($0.output.1) }
    }

    /// SIGKILL, and wait until the process is gone.
    package func kill() async throws {
        await program.signal(SIGKILL)
        _ = try await program.end(within: .seconds(10))
    }

    /// SIGTERM, and wait for the orderly end.
    package func stop(within limit: Duration = .seconds(10)) async throws -> Exit {
        await program.signal(SIGTERM)
        return try await program.end(within: limit)
    }
}
