import Foundation
import Logging
import PostgresAdapter
import SQLCore
import SQLiteAdapter

/// Opens the configured database.
public enum PurchaseDatabase {
    /// Opens it to write, brings the schema up to date, and creates what is missing: folder and file of SQLite, whose one writer
    /// this process becomes. A PostgreSQL database must be there.
    ///
    /// - Throws: ``SQLError`` `.locked`, `.unavailable` or `.migration`, each saying what to do.
    public static func openToWrite(
        _ configuration: PurchaseConfiguration, isServed: Bool = false, clock: SystemClock = SystemClock(),
        logger: Logger
    ) async throws -> any OpenDatabase {
        switch configuration.database {
        case .sqlite(let path):
            let database = try await openFile(path)
            try await bringUpToDate(database, at: path, clock, logger)
            return database
        case .postgres(let endpoint, let poolSize):
            return try await openToWrite(endpoint, poolSize, isServed: isServed, clock: clock, logger: logger)
        }
    }

    /// Opens one PostgreSQL database to write, and brings its schema up to date.
    ///
    /// - Parameter schemas: in which names are looked up.
    static func openToWrite(
        _ endpoint: PostgresEndpoint, _ poolSize: Int, schemas: [String] = PurchaseSystem.schemas, isServed: Bool,
        clock: SystemClock, logger: Logger
    ) async throws -> PostgresDatabase {
        // Drawn by chance: no two processes have the same.
        let origin = isServed ? Int64.random(in: 1...Int64.max) : nil
        let database = try await connect(endpoint, poolSize, schemas: schemas, origin: origin)
        try await bringUpToDate(database, at: endpoint.description, clock, logger)
        return database
    }

    private static func bringUpToDate(
        _ database: any OpenDatabase, at name: String, _ clock: SystemClock, _ logger: Logger
    ) async throws {
        do {
            let missing = try await pending(database, at: name)
            // A role that may only use the tables can do so while nothing is missing.
            if !missing.isEmpty { try await migrate(database, missing, name, clock, logger) }
        } catch {
            try database.close()
            throw error
        }
    }

    private static func migrate(
        _ database: any SQLDatabase, _ missing: [String], _ name: String, _ clock: SystemClock,
        _ logger: Logger
    ) async throws {
        do {
            let applied = try await Migrator(PurchaseSystem.migrations(for: database.dialect)).migrate(
                database, now: clock.now().milliseconds)
            if !applied.isEmpty {
                // A database that was made just now was not changed, and is still empty.
                if applied.count < PurchaseSystem.migrations(for: database.dialect).count {
                    try await SystemRecord(database, clock: clock).migrated(applied)
                }
                logger.info("migrations applied", metadata: [LogKey.migrations: "\(applied.joined(separator: ", "))"])
            }
        } catch let error as SQLError where error.isForbidden {
            throw SQLError(
                .migration,
                "'\(name)' lacks \(missing.joined(separator: ", ")), and this role may not change the "
                    + "schema; run as the role that owns it: purchase migrate")
        }
    }

    private static func openFile(_ path: String) async throws -> SQLiteDatabase {
        try await refuseForeign(path)
        let folder = (path as NSString).deletingLastPathComponent
        if !folder.isEmpty {
            do {
                try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            } catch {
                throw SQLError(.unavailable, "cannot create the folder '\(folder)': \(error.localizedDescription)")
            }
        }
        return try SQLiteDatabase.open(path: path)
    }

    /// - Parameters:
    ///   - schemas: in which names are looked up.
    ///   - patience: how long a statement may take.
    static func connect(
        _ endpoint: PostgresEndpoint, _ poolSize: Int, schemas: [String] = PurchaseSystem.schemas, origin: Int64? = nil,
        patience: Duration = .seconds(30)
    ) async throws -> PostgresDatabase {
        let database = PostgresDatabase(
            endpoint,
            PostgresSettings(
                poolSize: poolSize, statementTimeout: patience, searchPath: schemas,
                // What serves was written for indexes; what verifies or imports reads whole tables.
                prefersIndexes: origin != nil),
            origin: origin)
        do {
            try await refuseForeign(database)
        } catch {
            database.close()
            throw error
        }
        return database
    }

    /// Opens it beside a running server, to read only.
    ///
    /// - Throws: ``SQLError`` `.unavailable` if there is none, `.migration` if its schema is not this program's.
    public static func openToRead(_ configuration: PurchaseConfiguration) async throws -> any OpenDatabase {
        let name = configuration.database.name
        let database: any OpenDatabase
        switch configuration.database {
        case .sqlite(let path):
            guard FileManager.default.fileExists(atPath: path) else {
                throw SQLError(
                    .unavailable,
                    "there is no database at '\(path)'; name one with --database, or run: purchase migrate")
            }
            try await refuseForeign(path)
            database = try SQLiteDatabase.open(path: path, access: .reader)
        case .postgres(let endpoint, let poolSize):
            // Whoever only reads may look at everything there is.
            return try await openToRead(endpoint, poolSize)
        }
        let pending = try await pending(database, at: name)
        guard pending.isEmpty else {
            throw SQLError(.migration, "'\(name)' lacks \(pending.joined(separator: ", ")); run: purchase migrate")
        }
        return database
    }

    /// Opens one PostgreSQL database to read only.
    ///
    /// - Parameter schemas: in which names are looked up.
    static func openToRead(
        _ endpoint: PostgresEndpoint, _ poolSize: Int, schemas: [String] = PurchaseSystem.schemas
    ) async throws -> PostgresDatabase {
        let database = try await connect(endpoint, poolSize, schemas: schemas, patience: .seconds(3600))
        let pending = try await pending(database, at: endpoint.description)
        guard pending.isEmpty else {
            throw SQLError(
                .migration, "'\(endpoint)' lacks \(pending.joined(separator: ", ")); run: purchase migrate")
        }
        return database
    }

    /// The migrations that ``openToWrite(_:isServed:clock:logger:)`` would apply; creates nothing.
    ///
    /// - Throws: ``SQLError`` `.migration` if the database is another program's, newer than this one or was tampered with.
    public static func pending(_ configuration: PurchaseConfiguration) async throws -> [String] {
        try await pendingByName(configuration).flatMap(\.migrations)
    }

    /// As ``pending(_:)``, by database.
    public static func pendingByName(
        _ configuration: PurchaseConfiguration
    ) async throws -> [(database: String, migrations: [String])] {
        guard case .postgres(let main, let poolSize) = configuration.database else {
            return [(configuration.database.name, try await pendingHere(configuration))]
        }
        var found: [(database: String, migrations: [String])] = []
        let needed = configuration.reached
        for place in configuration.places(main) where !place.services.isDisjoint(with: needed) {
            let database = try await connect(place.endpoint, poolSize)
            defer { database.close() }
            found.append(
                (place.endpoint.description, try await pending(database, at: place.endpoint.description)))
        }
        return found
    }

    private static func pendingHere(_ configuration: PurchaseConfiguration) async throws -> [String] {
        switch configuration.database {
        case .sqlite(let path):
            guard FileManager.default.fileExists(atPath: path) else {
                return PurchaseSystem.migrations(for: .sqlite).map(\.id)
            }
            try await refuseForeign(path)
            return try await pending(try SQLiteDatabase.open(path: path, access: .reader), at: path)
        case .postgres(let endpoint, let poolSize):
            let database = try await connect(endpoint, poolSize)
            defer { database.close() }
            return try await pending(database, at: configuration.database.name)
        }
    }

    /// As ``pending(_:)``, of an open database.
    static func pending(_ database: any SQLDatabase, at path: String) async throws -> [String] {
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

    /// A PostgreSQL database with a schema of one of these names in which no migration of this program was ever applied is
    /// somebody else's.
    private static func refuseForeign(_ database: PostgresDatabase) async throws {
        let foreign = try await database.read { transaction in
            guard try transaction.first("SELECT 1 AS one WHERE to_regclass('public.schema_migrations') IS NULL") != nil
            else { return [String]() }
            return try transaction.rows(
                """
                SELECT DISTINCT schemaname AS name FROM pg_tables
                WHERE schemaname IN (\(list: PurchaseSystem.schemas.filter { $0 != "public" })) ORDER BY name
                """
            ).map { try $0.text("name") }
        }
        guard foreign.isEmpty else {
            throw SQLError(
                .migration,
                "\(database.endpoint) is another program's database (it has the schema \(foreign.joined(separator: ", "))); "
                    + "make one of its own: createdb purchase")
        }
    }
}
