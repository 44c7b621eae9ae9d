import Foundation
import ProcessDriver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A server that a script of the project runs in a temporary folder. It ends with this process, however that ends: the script
/// watches its standard input.
package final class ScriptedServer: Sendable {
    package let folder: URL
    private let process: Process
    private let lifeline = Pipe()

    /// The server ended, or did not answer in time.
    package struct DidNotStart: Error, CustomStringConvertible {
        package let description: String
    }

    /// - Parameters:
    ///   - script: a file of `Scripts/` that takes a folder, a port and settings.
    package init(_ script: String, port: Int, _ settings: [String]) throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "purchase-server-\(UUID().uuidString)")
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments =
            ["bash", root.appending(path: "Scripts/\(script)").path, folder.path, String(port)] + settings
        process.environment = ProcessInfo.processInfo.environment.merging([
            "WATCH_INPUT": "1", "REMOVE_AFTER": "1", "START_AGAIN": "1",
        ]) { $1 }
        // Not for other processes that are started meanwhile: they would keep the pipe open.
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        process.standardInput = lifeline
        process.standardOutput = FileHandle.nullDevice
        try process.run()
    }

    deinit { stop() }

    package func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Asks `probe` until it answers; what it throws means "not yet".
    package func untilReady<Answer>(
        within limit: Duration = .seconds(60), _ probe: () async throws -> Answer?
    ) async throws -> Answer {
        var last: (any Error)?
        do {
            // Looked at once more when the limit has passed: in a busy process much time may lie between two looks.
            return try await waiting(for: "an answer", within: limit, every: .milliseconds(50)) {
                guard process.isRunning else {
                    throw DidNotStart(description: "\(process.arguments ?? []) ended; \(log)")
                }
                do { return try await probe() } catch {
                    last = error
                    return nil
                }
            }
        } catch let error as WaitedInVain {
            throw DidNotStart(description: "\(error): \(last.map { "\($0)" } ?? "nothing came"); \(log)")
        }
    }

    private var log: String {
        (try? String(contentsOfFile: path("server.log"), encoding: .utf8)).map { String($0.suffix(2000)) } ?? "no log"
    }

    /// Ends it and removes its folder.
    package func stop() {
        guard process.isRunning else { return }
        // A signal may be blocked in it, as it is on the thread that started it.
        try? lifeline.fileHandleForWriting.close()
        process.waitUntilExit()
    }
}
