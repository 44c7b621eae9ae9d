/// One numbered change of a schema. Immutable once merged: its text is checked against what was applied.
public struct Migration: Sendable {
    /// `service/0001_what`, applied in the order in which migrations are listed.
    public let id: String
    /// One or more statements, separated by semicolons, in the dialect of one database.
    public let sql: String

    /// A change under its id, see ``id``.
    public init(_ id: String, _ sql: String) {
        self.id = id
        self.sql = sql
    }

    /// FNV-1a, 64 bit (Fowler, Noll, Vo), as hex: tells a changed text, guards against no attacker.
    var checksum: String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in sql.utf8 {
            hash ^= UInt64(byte)
            hash &*= 0x100_0000_01b3
        }
        return String(hash, radix: 16)
    }
}

/// Brings a database to the schema of this program, all of it or nothing.
public struct Migrator: Sendable {
    /// Every migration of the program, in the order in which they are applied.
    public let migrations: [Migration]

    /// A migrator for the whole program: what it is not given counts as unknown.
    public init(_ migrations: [Migration]) {
        self.migrations = migrations
    }

    /// Whom PostgreSQL lets migrate; any number that nobody else uses.
    private static let lock: Int64 = 0x7075_7263_6861_7365

    /// Applies what is missing, in one transaction.
    ///
    /// - Parameter now: milliseconds since 1970, kept beside each migration.
    /// - Returns: the ids applied by this call.
    /// - Throws: ``SQLError`` `.migration` if an applied migration was changed since, or is unknown to this program (the
    ///   database is newer); nothing is changed then.
    @discardableResult
    public func migrate(_ database: any SQLDatabase, now: Int64) async throws -> [String] {
        try await database.write { transaction in
            if transaction.dialect == .postgres {
                // Several processes may start at once; the others wait here and find everything applied.
                _ = try transaction.rows("SELECT pg_advisory_xact_lock(\(Self.lock)) IS NULL AS locked")
            }
            try transaction.script(
                """
                CREATE TABLE IF NOT EXISTS schema_migrations (
                    id TEXT PRIMARY KEY, checksum TEXT NOT NULL, applied_at BIGINT NOT NULL);
                """)
            let applied = try self.applied(in: transaction)
            let missing = migrations.filter { applied[$0.id] == nil }
            for migration in missing {
                try transaction.script(migration.sql)
                try transaction.execute(
                    """
                    INSERT INTO schema_migrations (id, checksum, applied_at)
                    VALUES (\(migration.id), \(migration.checksum), \(now))
                    """)
            }
            return missing.map(\.id)
        }
    }

    /// The ids that ``migrate(_:now:)`` would apply; changes nothing.
    ///
    /// - Throws: as ``migrate(_:now:)``.
    public func pending(_ database: any SQLDatabase) async throws -> [String] {
        try await database.read { transaction in
            let exists: SQLStatement =
                switch transaction.dialect {
                case .sqlite: "SELECT 1 AS found FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations'"
                case .postgres: "SELECT 1 AS found WHERE to_regclass('schema_migrations') IS NOT NULL"
                }
            guard try transaction.first(exists) != nil else { return migrations.map(\.id) }
            let applied = try self.applied(in: transaction)
            return migrations.map(\.id).filter { applied[$0] == nil }
        }
    }

    private func applied(in transaction: any SQLTransaction) throws -> [String: String] {
        var applied: [String: String] = [:]
        for row in try transaction.rows("SELECT id, checksum FROM schema_migrations") {
            applied[try row.text("id")] = try row.text("checksum")
        }
        let known = Dictionary(uniqueKeysWithValues: migrations.map { ($0.id, $0.checksum) })
        for (id, checksum) in applied.sorted(by: { $0.key < $1.key }) {
            guard let expected = known[id] else {
                throw SQLError(
                    .migration,
                    "the database has migration '\(id)', which this program does not know: it belongs to a newer version; run that one"
                )
            }
            guard expected == checksum else {
                throw SQLError(
                    .migration, "migration '\(id)' was changed after it had been applied; add a new one instead")
            }
        }
        return applied
    }
}
