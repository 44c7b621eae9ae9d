import Foundation
import ProcessDriver

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One process of a server. It does not outlive the test run, however that ends: a shell waits for the end of a pipe whose
/// other end only the test run holds, and then kills it and removes its folder.
package actor ServerProcess {
    private let process = Process()
    private let guardian = Process()
    private let lifeline = Pipe()

    /// Starts it; its data are in `folder`, and what it writes goes to `log`.
    package init(_ path: String, _ arguments: [String], folder: URL, log: URL) throws {
        // Not for other processes that are started meanwhile: they would keep the pipe open.
        _ = fcntl(lifeline.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
        if !FileManager.default.fileExists(atPath: log.path) {
            _ = FileManager.default.createFile(atPath: log.path, contents: nil)
        }
        let output = try FileHandle(forWritingTo: log)
        try output.seekToEnd()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try withoutBlockedSignals { try process.run() }
        guardian.executableURL = URL(filePath: "/bin/sh")
        guardian.arguments = [
            "-c", #"read word; [ "$word" = over ] || { kill -9 "$1"; rm -rf "$2"; }"#, "guardian",
            String(process.processIdentifier), folder.path,
        ]
        guardian.standardInput = lifeline
        guardian.standardOutput = FileHandle.nullDevice
        guardian.standardError = FileHandle.nullDevice
        do {
            try guardian.run()
        } catch {
            process.terminate()
            throw error
        }
    }

    package var isRunning: Bool { process.isRunning }

    /// Sends a signal to this very process.
    package func signal(_ number: Int32) { if process.isRunning { kill(process.processIdentifier, number) } }

    /// Ends it by a signal and returns once it is gone.
    ///
    /// - Throws: `WaitedInVain`; it was killed then.
    package func end(_ number: Int32, within limit: Duration = .seconds(10)) async throws {
        signal(number)
        // A stopped process hears nothing else.
        signal(SIGCONT)
        do {
            _ = try await waiting(for: "the end of a server", within: limit) { process.isRunning ? nil : true }
        } catch {
            signal(SIGKILL)
            throw error
        }
        dismissGuardian()
    }

    /// The process id may be another's from now on.
    private func dismissGuardian() {
        guard guardian.isRunning else { return }
        try? lifeline.fileHandleForWriting.write(contentsOf: Data("over\n".utf8))
    }
}

/// A process inherits the blocked signals of the thread that starts it, and the threads on which tasks run block SIGTERM.
private func withoutBlockedSignals<Result>(_ body: () throws -> Result) rethrows -> Result {
    var none = sigset_t()
    var before = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try body()
}
