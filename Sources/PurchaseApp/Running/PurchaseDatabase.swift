import Foundation
import Logging
import SQLCore
import SQLiteAdapter

/// Opens the configured database.
public enum PurchaseDatabase {
    /// Opens it as the one writer, creating folder and file, and brings the schema up to date.
    ///
    /// - Throws: ``SQLError`` `.locked`, `.unavailable` or `.migration`, each saying what to do.
    public static func openToWrite(
        _ configuration: PurchaseConfiguration, clock: SystemClock = SystemClock(), logger: Logger
    ) async throws -> SQLiteDatabase {
        try await refuseForeign(configuration.databasePath)
        let folder = (configuration.databasePath as NSString).deletingLastPathComponent
        if !folder.isEmpty {
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw SQLError(.unavailable, "cannot create the folder '\(folder)': \(error.localizedDescription)")
            }
        }
        let database = try SQLiteDatabase.open(path: configuration.databasePath)
        _ = try await pending(database, at: configuration.databasePath)
        let applied = try await Migrator(PurchaseSystem.migrations(for: database.dialect)).migrate(database, now: clock.now().milliseconds)
        if !applied.isEmpty {
            logger.info("migrations applied", metadata: [LogKey.migrations: "\(applied.joined(separator: ", "))"])
        }
        return database
    }

    /// Opens it beside a running server, to read only.
    ///
    /// - Throws: ``SQLError`` `.unavailable` if there is none, `.migration` if its schema is not this program's.
    public static func openToRead(_ configuration: PurchaseConfiguration) async throws -> SQLiteDatabase {
        let path = configuration.databasePath
        guard FileManager.default.fileExists(atPath: path) else {
            throw SQLError(
                .unavailable, "there is no database at '\(path)'; name one with --database, or run: purchase migrate")
        }
        try await refuseForeign(path)
        let database = try SQLiteDatabase.open(path: path, access: .reader)
        let pending = try await pending(database, at: path)
        guard pending.isEmpty else {
            throw SQLError(.migration, "'\(path)' lacks \(pending.joined(separator: ", ")); run: purchase migrate")
        }
        return database
    }

    /// The migrations that ``openToWrite(_:clock:logger:)`` would apply; creates nothing.
    ///
    /// - Throws: ``SQLError`` `.migration` if the database is another program's, newer than this one or was tampered with.
    public static func pending(_ configuration: PurchaseConfiguration) async throws -> [String] {
        guard FileManager.default.fileExists(atPath: configuration.databasePath) else {
            return PurchaseSystem.migrations(for: .sqlite).map(\.id)
        }
        try await refuseForeign(configuration.databasePath)
        let database = try SQLiteDatabase.open(path: configuration.databasePath, access: .reader)
        return try await pending(database, at: configuration.databasePath)
    }

    /// As ``pending(_:)``, of an open database.
    static func pending(_ database: SQLiteDatabase, at path: String) async throws -> [String] {
        do {
            return try await Migrator(PurchaseSystem.migrations(for: database.dialect)).pending(database)
        } catch let error as SQLError where error.code == .migration {
            throw SQLError(.migration, "'\(path)': \(error.detail)")
        }
    }

    /// A database with tables in which no migration of this program was ever applied is somebody else's. It is only read: to
    /// open it for writing would change it.
    static func refuseForeign(_ path: String) async throws {
        guard FileManager.default.fileExists(atPath: path) else { return }
        let database = try SQLiteDatabase.open(path: path, access: .reader)
        let foreign = try await database.read { transaction in
            let tables = try transaction.rows(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
            ).map { try $0.text("name") }
            let isOurs =
                try transaction.first(
                    "SELECT 1 AS one FROM pragma_table_info('schema_migrations') WHERE name = 'checksum'") != nil
            return isOurs ? [] : tables
        }
        try database.close()
        guard foreign.isEmpty else {
            throw SQLError(
                .migration,
                "'\(path)' is another program's database (it has \(foreign.prefix(3).joined(separator: ", "))); "
                    + "choose another --database (DATABASE_NAME)")
        }
    }
}
