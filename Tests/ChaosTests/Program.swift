import Foundation

/// The real program as a process of its own.
final class Program: @unchecked Sendable {
    // Sendable by hand: the process is started before the object is shared, and only asked or signalled afterwards.
    private let process = Process()
    private let output = Pipe()
    private let errors = Pipe()

    /// Beside the test bundle, where the build puts both.
    static let path: String = {
        let products = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        let beside = products.appendingPathComponent("purchase").path
        if FileManager.default.isExecutableFile(atPath: beside) { return beside }
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.appendingPathComponent(".build/debug/purchase").path
    }()

    struct Missing: Error, CustomStringConvertible {
        var description: String {
            "there is no program at \(Program.path); build it with: swift build --product purchase"
        }
    }

    init(_ arguments: [String], environment: [String: String], folder: URL) throws {
        guard FileManager.default.isExecutableFile(atPath: Self.path) else { throw Missing() }
        process.executableURL = URL(fileURLWithPath: Self.path)
        process.arguments = arguments
        process.environment = ["PATH": "/usr/bin:/bin"].merging(environment) { _, own in own }
        process.currentDirectoryURL = folder
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = errors
        try process.run()
    }

    /// Ends it as the system would when out of memory: nothing can be cleaned up.
    func kill() {
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    func terminate() { process.terminate() }

    var isRunning: Bool { process.isRunning }

    /// Everything it printed, and how it ended.
    struct Result: Sendable {
        let status: Int32
        let output: String
        let errors: String
    }

    /// Waits for its end; after `limit` seconds it is killed.
    func finish(within limit: Int = 60) async -> Result {
        let watchdog = Task {
            try await Task.sleep(for: .seconds(limit))
            self.kill()
        }
        defer { watchdog.cancel() }
        let (out, err) = (output.fileHandleForReading, errors.fileHandleForReading)
        return await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                let text = String(decoding: out.readDataToEndOfFile(), as: UTF8.self)
                let complaints = String(decoding: err.readDataToEndOfFile(), as: UTF8.self)
                self.process.waitUntilExit()
                continuation.resume(
                    returning: Result(status: self.process.terminationStatus, output: text, errors: complaints))
            }
        }
    }

    /// Reads its greeting up to the port, then keeps emptying both pipes so that it never blocks on them.
    func port() async throws -> Int {
        let out = output.fileHandleForReading
        let err = errors.fileHandleForReading
        err.readabilityHandler = { if $0.availableData.isEmpty { $0.readabilityHandler = nil } }
        let port: Int? = await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                var text = ""
                while true {
                    let data = out.availableData
                    text += String(decoding: data, as: UTF8.self)
                    if let match = text.firstMatch(of: /is ready: http:\/\/127\.0\.0\.1:(\d+)/) {
                        out.readabilityHandler = { if $0.availableData.isEmpty { $0.readabilityHandler = nil } }
                        return continuation.resume(returning: Int(match.1))
                    }
                    if data.isEmpty { return continuation.resume(returning: nil) }
                }
            }
        }
        guard let port else { throw DidNotStart() }
        return port
    }

    struct DidNotStart: Error {}

    /// Runs it to its end.
    static func run(
        _ arguments: [String], environment: [String: String] = [:], folder: URL
    ) async throws -> Result {
        try await Program(arguments, environment: environment, folder: folder).finish()
    }
}

/// A folder that is removed afterwards.
func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("purchase-chaos-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try await body(folder)
    // Kept when a test throws: the database is the evidence.
    try FileManager.default.removeItem(at: folder)
}
