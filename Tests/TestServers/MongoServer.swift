import Foundation
import ProcessDriver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A server that speaks MongoDB's protocol, of the test's own: on a free port of 127.0.0.1, with its data in a temporary folder. It is
/// SecantusDB, so what holds here need not hold on a MongoDB server.
package actor MongoServer {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    package static let requirement = ServerRequirement(
        program: "secantusd-py", package: "secantusdb",
        folders: [root.appending(path: ".build/secantusdb-0.7.0b3/bin").path],
        installation: "bash Scripts/setup.sh --tests")

    package nonisolated let port: Int
    private let folder: URL
    private let path: String
    private var process: ServerProcess

    /// Starts one and waits until it listens.
    ///
    /// - Parameter options: further ones, such as `--auth`.
    /// - Throws: ``ServerMissing``; `WaitedInVain`.
    package static func start(_ options: [String] = []) async throws -> MongoServer {
        let path = try requirement.require()
        let folder = FileManager.default.temporaryDirectory.appending(path: "purchase-mongo-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var attempts = 0
        while true {
            let server = try MongoServer(path, port: try freePort(), folder: folder, options)
            attempts += 1
            do {
                try await server.waitUntilReady()
                return server
            } catch let error as EndedEarly {
                // Somebody else took the port.
                guard attempts < 5 else { throw error }
            }
        }
    }

    /// Runs `body` with a server that is gone afterwards.
    package nonisolated(nonsending) static func with<Result>(
        _ options: [String] = [], _ body: (MongoServer) async throws -> Result
    ) async throws -> Result {
        let server = try await start(options)
        do {
            let result = try await body(server)
            try await server.stop()
            return result
        } catch {
            try await server.stop()
            throw error
        }
    }

    /// One server for all tests of this process, each with a database of its own.
    package static func shared() async throws -> MongoServer { try await sharedServer.value }

    private static let sharedServer = Task { try await start() }

    private struct EndedEarly: Error {
        let log: String
    }

    private init(_ path: String, port: Int, folder: URL, _ options: [String]) throws {
        self.path = path
        self.port = port
        self.folder = folder
        process = try Self.launch(path, port: port, folder: folder, options)
    }

    private static func launch(
        _ path: String, port: Int, folder: URL, _ options: [String]
    ) throws -> ServerProcess {
        // What it said before would be taken for what it says now.
        let log = Self.log(in: folder)
        if FileManager.default.fileExists(atPath: log.path) { try FileManager.default.removeItem(at: log) }
        return try ServerProcess(
            path,
            [
                "--host", "127.0.0.1", "--port", String(port), "--storage-path", folder.appending(path: "data").path,
                "--cache-size", "64M",
            ]
                + options,
            folder: folder, log: log)
    }

    private static func log(in folder: URL) -> URL { folder.appending(path: "server.log") }

    private func waitUntilReady() async throws {
        _ = try await waiting(for: "secantusd-py to listen") { () -> Bool? in
            let log = try String(contentsOf: Self.log(in: folder), encoding: .utf8)
            if log.contains("listening on 127.0.0.1:\(port)") { return true }
            guard await process.isRunning else { throw EndedEarly(log: String(log.suffix(2000))) }
            return nil
        }
    }

    /// Ends it and removes its data. Nobody needs them, so it is not given the time to put them in order.
    package func stop() async throws {
        try await process.end(SIGKILL)
        try FileManager.default.removeItem(at: folder)
    }

    /// SIGKILL; its data stay for ``restart()``.
    package func kill() async throws { try await process.end(SIGKILL) }

    /// Starts it again on the same port, with the same data.
    package func restart(_ options: [String] = []) async throws {
        process = try Self.launch(path, port: port, folder: folder, options)
        try await waitUntilReady()
    }

    /// SIGSTOP: connections stay and nobody answers.
    package func suspend() async { await process.signal(SIGSTOP) }

    /// SIGCONT.
    package func resume() async { await process.signal(SIGCONT) }
}
