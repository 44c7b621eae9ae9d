import Foundation
import SQLCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Keeps a second writing process away from a database file, by an advisory lock on a file beside it. The system gives it up
/// when the process ends, however it ends.
final class ProcessLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Throws: ``SQLError`` `.locked` if another process has it, `.unavailable` if the lock file cannot be made.
    init(databasePath: String) throws {
        let path = databasePath + ".lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            throw SQLError(
                .unavailable,
                "cannot open '\(path)': \(String(cString: strerror(errno))); does the folder exist, and may this user write there?"
            )
        }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            let holder = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            close(file)
            let who =
                holder.isEmpty ? "another process" : "process \(holder.trimmingCharacters(in: .whitespacesAndNewlines))"
            throw SQLError(
                .locked,
                "\(who) writes to '\(databasePath)', and SQLite takes one writer: stop it, or choose another DATABASE_NAME"
            )
        }
        ftruncate(file, 0)
        let text = "\(getpid())\n"
        _ = text.withCString { write(file, $0, strlen($0)) }
        descriptor = Mutex(file)
    }

    /// Gives the lock up; again is harmless.
    func release() {
        let file = descriptor.withLock { file in
            defer { file = nil }
            return file
        }
        guard let file else { return }
        // A program that is being started at this moment holds a copy of the descriptor, and closing would leave the lock to it.
        flock(file, LOCK_UN)
        close(file)
    }

    deinit { release() }
}
