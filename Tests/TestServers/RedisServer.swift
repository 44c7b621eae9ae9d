import Foundation
import ProcessDriver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A redis-server of the test's own: on a free port of 127.0.0.1, with its data in a temporary folder, `appendfsync everysec`.
package actor RedisServer {
    package static let requirement = ServerRequirement(program: "redis-server", package: "redis-server")

    package nonisolated let port: Int
    package nonisolated let password: String?
    private let folder: URL
    private let path: String
    private var process: ServerProcess

    /// Starts one and waits until it answers.
    ///
    /// - Throws: ``ServerMissing``; `WaitedInVain`.
    package static func start(password: String? = nil) async throws -> RedisServer {
        let path = try requirement.require()
        let folder = FileManager.default.temporaryDirectory.appending(path: "purchase-redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var attempts = 0
        while true {
            let server = try RedisServer(path, port: try freePort(), password: password, folder: folder)
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
        password: String? = nil, _ body: (RedisServer) async throws -> Result
    ) async throws -> Result {
        let server = try await start(password: password)
        do {
            let result = try await body(server)
            try await server.stop()
            return result
        } catch {
            try await server.stop()
            throw error
        }
    }

    private struct EndedEarly: Error {
        let log: String
    }

    private init(_ path: String, port: Int, password: String?, folder: URL) throws {
        self.path = path
        self.port = port
        self.password = password
        self.folder = folder
        process = try Self.launch(path, port: port, password: password, folder: folder)
    }

    private static func launch(_ path: String, port: Int, password: String?, folder: URL) throws -> ServerProcess {
        var arguments = [
            "--bind", "127.0.0.1", "--port", String(port), "--dir", folder.path, "--daemonize", "no", "--save", "",
            "--appendonly", "yes", "--appendfsync", "everysec",
        ]
        if let password { arguments += ["--requirepass", password] }
        return try ServerProcess(path, arguments, folder: folder, log: folder.appending(path: "redis.log"))
    }

    private func waitUntilReady() async throws {
        _ = try await waiting(for: "an answer of redis-server", every: .milliseconds(5)) { () -> Bool? in
            guard await process.isRunning else {
                let log = try String(contentsOf: folder.appending(path: "redis.log"), encoding: .utf8)
                throw EndedEarly(log: String(log.suffix(2000)))
            }
            return try call("PING") == "PONG" ? true : nil
        }
    }

    /// `redis://…` of this server.
    package nonisolated var url: String {
        "redis://\(password.map { ":\($0)@" } ?? "")127.0.0.1:\(port)"
    }

    /// Ends it in an orderly way and removes its data.
    package func stop() async throws {
        try await process.end(SIGTERM)
        try FileManager.default.removeItem(at: folder)
    }

    /// Ends it in an orderly way; the data stay for ``restart()``.
    package func shutDown() async throws { try await process.end(SIGTERM) }

    /// SIGKILL; the last second may be lost.
    package func kill() async throws { try await process.end(SIGKILL) }

    /// Starts it again on the same port, with the same data.
    package func restart() async throws {
        process = try Self.launch(path, port: port, password: password, folder: folder)
        try await waitUntilReady()
    }

    /// SIGSTOP: connections stay and nobody answers.
    package func suspend() async { await process.signal(SIGSTOP) }

    /// SIGCONT.
    package func resume() async { await process.signal(SIGCONT) }

    /// One command over a connection of its own, such as `call("FLUSHALL")`.
    ///
    /// - Returns: what redis-cli prints, its last line break aside; what it says of an error, too.
    /// - Throws: ``ServerMissing`` if there is no redis-cli.
    @discardableResult
    package nonisolated func call(_ words: String...) throws -> String { try call(words) }

    /// The same, for words in an array.
    @discardableResult
    package nonisolated func call(_ words: [String]) throws -> String {
        let client = Process()
        client.executableURL = URL(
            filePath: try ServerRequirement(program: "redis-cli", package: "redis-tools").require())
        client.arguments = ["-h", "127.0.0.1", "-p", String(port)] + words
        if let password { client.environment = ["REDISCLI_AUTH": password] }
        let output = Pipe()
        client.standardInput = FileHandle.nullDevice
        client.standardOutput = output
        client.standardError = FileHandle.nullDevice
        try client.run()
        let text = try output.fileHandleForReading.readToEnd() ?? Data()
        client.waitUntilExit()
        return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .newlines)
    }
}
