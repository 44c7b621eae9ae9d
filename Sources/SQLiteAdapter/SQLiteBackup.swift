import Foundation
import GRDB
import SQLCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Copies of a database file, taken while others write to it.
public enum SQLiteBackup {
    /// Writes a consistent copy of `database` to a new file that only its owner may read: one read transaction, so a writer is
    /// neither stopped nor half copied (sqlite.org/backup.html).
    ///
    /// The copy appears under its name when it is complete and on disk.
    ///
    /// - Parameters:
    ///   - path: must not exist.
    ///   - progress: told how many pages of how many are copied.
    /// - Throws: ``SQLError`` `.misuse` if there is a file at `path`, `.unavailable` if it cannot be written.
    public static func copy(
        of database: SQLiteDatabase, to path: String, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws {
        guard !FileManager.default.fileExists(atPath: path) else {
            throw SQLError(.misuse, "there is a file at '\(path)' already; choose another name")
        }
        let partial = path + ".partial"
        try remove(partial)
        guard
            FileManager.default.createFile(atPath: partial, contents: nil, attributes: [.posixPermissions: 0o600])
        else {
            let why = String(cString: strerror(errno))
            throw SQLError(.unavailable, "cannot write to '\(partial)': \(why); choose another --to")
        }
        do {
            try await database.copyPages(to: partial, progress)
        } catch {
            try remove(partial)
            throw error
        }
        // Not replacing: another backup may have taken the name meanwhile.
        guard link(partial, path) == 0 else {
            let why = String(cString: strerror(errno))
            try remove(partial)
            throw SQLError(.unavailable, "cannot write to '\(path)': \(why)")
        }
        try remove(partial)
        try syncFolder(of: path)
    }

    /// Puts a checked copy in the place of the database at `path`. The caller knows that nobody has that database open.
    ///
    /// - Parameters:
    ///   - copy: is moved, on the same file system.
    ///   - keeping: the name that a database which is there now gets, with its log; `nil` if there must be none.
    /// - Throws: ``SQLError``.
    public static func replace(_ path: String, by copy: String, keeping: String?) throws {
        let log = FileManager.default.contents(atPath: copy + "-wal")
        guard log?.isEmpty ?? true else { throw SQLError(.misuse, "a part of '\(copy)' is still in its log") }
        for suffix in ["-wal", "-shm", ""] where FileManager.default.fileExists(atPath: path + suffix) {
            guard let keeping else { throw SQLError(.misuse, "there is a database at '\(path)'") }
            try move(path + suffix, to: keeping + suffix)
        }
        try move(copy, to: path)
        try syncFolder(of: path)
    }

    /// Takes the lock that a writing process holds.
    ///
    /// - Returns: keep it as long as the file must not be opened for writing.
    /// - Throws: ``SQLError`` `.locked` if a process has it.
    public static func lock(_ path: String) throws -> any Sendable { try ProcessLock(databasePath: path) }

    private static func move(_ from: String, to: String) throws {
        guard rename(from, to) == 0 else {
            throw SQLError(.unavailable, "cannot move '\(from)' to '\(to)': \(String(cString: strerror(errno)))")
        }
    }

    private static func remove(_ path: String) throws {
        guard unlink(path) == 0 || errno == ENOENT else {
            throw SQLError(.unavailable, "cannot remove '\(path)': \(String(cString: strerror(errno)))")
        }
    }

    /// A name is on disk when its folder is.
    private static func syncFolder(of path: String) throws {
        let parent = (path as NSString).deletingLastPathComponent
        let folder = open(parent.isEmpty ? "." : parent, O_RDONLY)
        guard folder >= 0 else { throw SQLError(.unavailable, "cannot open the folder of '\(path)'") }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw SQLError(.unavailable, "cannot sync the folder of '\(path)'") }
    }
}

extension SQLiteDatabase {
    /// Pages that are copied between two reports: 16 MiB.
    private static let pagesPerStep: Int32 = 4096

    fileprivate func copyPages(to path: String, _ progress: @escaping @Sendable (Int, Int) -> Void) async throws {
        do {
            let target = try DatabaseQueue(path: path)
            try await source.read { from in
                try target.writeWithoutTransaction { to in
                    try from.backup(to: to, pagesPerStep: Self.pagesPerStep) { step in
                        progress(step.completedPageCount, step.totalPageCount)
                    }
                }
            }
            try await target.writeWithoutTransaction { to in
                // A log beside the copy would have to be moved with it.
                try to.execute(sql: "PRAGMA journal_mode = DELETE")
            }
            try target.close()
        } catch let error as DatabaseError {
            throw SQLError(error)
        }
    }

    /// Reads every page and every index.
    ///
    /// - Throws: ``SQLError`` `.corrupt` with what SQLite found.
    public func checkIntegrity() async throws {
        let findings = try await read { transaction in
            try transaction.rows("PRAGMA integrity_check").map { try $0.text("integrity_check") }
        }
        guard findings == ["ok"] else {
            throw SQLError(.corrupt, "the database is damaged: \(findings.prefix(3).joined(separator: "; "))")
        }
    }
}
