import Foundation
import Logging
import SQLCore
import SQLiteAdapter

/// Puts a backup in the place of the configured database.
public struct Restoration: Sendable {
    /// What was done.
    public struct Outcome: Sendable, Codable {
        public let settledOrders: Int
        public let inFlight: Int
        /// Where the database is that was there before.
        public let replaced: String?
    }

    /// The backup breaks an invariant: nothing was replaced.
    public struct NotClean: Error { public let report: VerifyReport }

    private let configuration: PurchaseConfiguration
    private let clock: SystemClock

    public init(_ configuration: PurchaseConfiguration, clock: SystemClock = SystemClock()) {
        self.configuration = configuration
        self.clock = clock
    }

    /// Copies the backup beside the database, checks the copy, brings it to this version, verifies every invariant, and only
    /// then replaces.
    ///
    /// - Parameters:
    ///   - replacing: whether a database that is there may be moved aside.
    ///   - progress: told what is being done.
    /// - Throws: ``SQLError`` `.locked` if a server runs, `.misuse` if there is a database and `replacing` is false, `.corrupt`
    ///   or `.migration` if the backup is no good; ``NotClean``.
    public func restore(
        from backup: String, replacing: Bool, progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Outcome {
        guard let path = configuration.database.path else {
            throw SQLError(
                .misuse,
                "\(configuration.database.name) is a PostgreSQL database: put its backup back with pg_restore, then run: purchase verify"
            )
        }
        guard FileManager.default.fileExists(atPath: backup) else {
            throw SQLError(.unavailable, "there is no file '\(backup)'; give the path of a backup with --from")
        }
        try await PurchaseDatabase.refuseForeign(backup)
        let isThere = FileManager.default.fileExists(atPath: path)
        guard !isThere || replacing else {
            throw SQLError(
                .misuse,
                "there is a database at '\(path)'; add --replace to move it aside, or choose another --database")
        }
        try createFolder(of: path)
        let lock = try SQLiteBackup.lock(path)
        let copy = path + ".restoring"
        try removeCopy(copy)
        let source = try SQLiteDatabase.open(path: backup, access: .reader)
        progress("checking every page of \(backup)")
        _ = try await PurchaseDatabase.pending(source, at: backup)
        try await source.checkIntegrity()
        try await SQLiteBackup.copy(of: source, to: copy) { progress("copying: \($0) of \($1) pages") }
        try source.close()
        progress("bringing it to this version")
        let report = try await check(copy, madeFrom: backup) { progress("verifying: \($0) orders compared") }
        guard report.isClean else {
            try removeCopy(copy)
            throw NotClean(report: report)
        }
        let kept = isThere ? "\(path).replaced-\(clock.now().milliseconds)" : nil
        try SQLiteBackup.replace(path, by: copy, keeping: kept)
        try removeCopy(copy)
        withExtendedLifetime(lock) {}
        return Outcome(settledOrders: report.settledOrders, inFlight: report.inFlightCount, replaced: kept)
    }

    private func check(_ copy: String, madeFrom backup: String, _ progress: @escaping @Sendable (Int) -> Void)
        async throws -> VerifyReport
    {
        let database = try SQLiteDatabase.open(path: copy)
        try await Migrator(PurchaseSystem.migrations(for: database.dialect)).migrate(
            database, now: clock.now().milliseconds)
        let report = try await Verifier(database).run(progress: progress)
        if report.isClean {
            try await SystemRecord(database, clock: clock).restored(
                from: (backup as NSString).lastPathComponent, settledOrders: report.settledOrders)
        }
        try database.closeIntoOneFile()
        return report
    }

    private func removeCopy(_ copy: String) throws {
        for suffix in ["", "-wal", "-shm", ".lock", ".partial"]
        where FileManager.default.fileExists(atPath: copy + suffix) {
            try FileManager.default.removeItem(atPath: copy + suffix)
        }
    }

    private func createFolder(of path: String) throws {
        let folder = (path as NSString).deletingLastPathComponent
        guard !folder.isEmpty else { return }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
}
