import Foundation
import ProcessDriver

/// One place at which a `purchase` process runs: when that ends, another one takes it.
actor ClusterNode {
    nonisolated let name: String
    nonisolated let services: String
    nonisolated var isAPI: Bool { services == "api" }

    private let workspace: Workspace
    private let environment: [String: String]
    private var program: PurchaseProgram?
    private var starts = 0
    private var isTaken = false
    /// Where it answers; `nil` if it has no API, or is not up.
    private(set) var url: String?
    /// Starts that ended before the process was ready, each with its reason.
    private(set) var failedStarts: [String] = []

    init(_ name: String, services: String, in workspace: Workspace, _ environment: [String: String]) {
        self.name = name
        self.services = services
        self.workspace = workspace
        self.environment = environment
    }

    /// Takes it for one who does something to it.
    ///
    /// - Returns: whether nobody else had.
    func take() -> Bool {
        guard !isTaken else { return false }
        isTaken = true
        return true
    }

    func giveBack() { isTaken = false }

    /// Starts a process, again and again as its supervisor would, until one is ready.
    ///
    /// - Throws: `WaitedInVain`.
    func start() async throws {
        _ = try await waiting(for: "\(name) to be ready", within: .seconds(90), every: .milliseconds(200)) {
            try await attempt()
        }
    }

    private func attempt() async throws -> Bool? {
        starts += 1
        let program = try PurchaseProgram(
            ["serve", "--port", "0", "--env", "test", "--services", services], workspace.environment(environment),
            in: workspace, name: "\(name)-\(starts)")
        self.program = program
        let greeting = try await waiting(for: "the greeting of \(name)", within: .seconds(80)) { () -> String? in
            if let ready = program.out.firstMatch(of: #/is ready: (.*)\n/#)?.output.1 { return String(ready) }
            guard let exit = await program.exit else { return nil }
            failedStarts.append("\(name)-\(starts) ended with \(exit): \(program.errors.suffix(300))")
            return ""
        }
        guard !greeting.isEmpty else { return nil }
        url = isAPI ? greeting : nil
        return true
    }

    /// What is wrong if the process is not there though nobody ended it.
    var unexpectedEnd: String? {
        get async {
            guard let program, let exit = await program.exit else { return nil }
            return "\(name)-\(starts) ended by itself with \(exit): \(program.errors.suffix(1000))"
        }
    }

    func suspend() async { await program?.signal(SIGSTOP) }
    func resume() async { await program?.signal(SIGCONT) }

    /// SIGKILL, and wait until the process is gone.
    func kill() async throws {
        url = nil
        await program?.signal(SIGKILL)
        _ = try await program?.end(within: .seconds(10))
    }

    /// SIGTERM, and wait for the orderly end.
    func stop() async throws -> Exit {
        url = nil
        guard let program else { return .code(0) }
        await program.signal(SIGTERM)
        return try await program.end(within: .seconds(30))
    }
}
