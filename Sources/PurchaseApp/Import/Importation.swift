import Foundation
import PostgresAdapter
import SQLCore
import SQLiteAdapter
import SagaSQL

/// Moves everything from a SQLite file to an empty PostgreSQL database, in batches that each commit with the note of how far it has
/// come: whatever ends it, the next call goes on there.
///
/// Events that were not acknowledged by everybody are sent again by whoever runs on the target; services recognise what they had
/// handled.
public struct Importation: Sendable {
    /// How far it is.
    public struct Progress: Sendable {
        public let table: String
        /// Rows that are there now, those of earlier calls included.
        public let rows: Int64
        public let of: Int64
    }

    /// What was moved.
    public struct Outcome: Sendable, Codable {
        /// By table.
        public var rows: [String: Int64] = [:]
        /// Whether an earlier call had begun it.
        public var wasResumed = false
        public var settledOrders = 0
        public var inFlight = 0
    }

    /// Something differs between the two, or breaks an invariant.
    public struct NotEqual: Error, CustomStringConvertible {
        public let differences: [String]
        public var description: String { differences.joined(separator: "; ") }
    }

    private let path: String
    private let endpoint: PostgresEndpoint
    private let batch: Int

    /// - Parameters:
    ///   - path: the SQLite file; no server may run on it.
    ///   - batch: rows that are moved in one transaction.
    public init(from path: String, to endpoint: PostgresEndpoint, batch: Int = 2000) {
        self.path = path
        self.endpoint = endpoint
        self.batch = batch
    }

    /// Migrates the target, moves what is missing, and compares.
    ///
    /// - Throws: ``SQLError`` `.locked` while a server runs on the file, `.misuse` if the target holds something else,
    ///   `.migration` if the file is of another version; ``NotEqual``.
    public func run(_ progress: @escaping @Sendable (Progress) -> Void = { _ in }) async throws -> Outcome {
        try await PurchaseDatabase.refuseForeign(path)
        guard FileManager.default.fileExists(atPath: path) else {
            throw SQLError(.unavailable, "there is no database at '\(path)'")
        }
        let lock = try SQLiteBackup.lock(path)
        defer { withExtendedLifetime(lock) {} }
        let source = try SQLiteDatabase.open(path: path, access: .reader)
        let lacking = try await PurchaseDatabase.pending(source, at: path)
        guard lacking.isEmpty else {
            throw SQLError(.migration, "'\(path)' lacks \(lacking.joined(separator: ", ")); run: purchase migrate")
        }
        let target = PostgresDatabase(
            endpoint,
            PostgresSettings(
                poolSize: 2, statementTimeout: .seconds(3600), searchPath: PurchaseSystem.schemas))
        defer { target.close() }
        try await Migrator(PurchaseSystem.migrations(for: .postgres)).migrate(
            target, now: SystemClock().now().milliseconds)
        if let home = try await target.read({ try ServiceHomes($0).services() }) {
            throw SQLError(
                .misuse,
                "'\(endpoint)' is the database of \(home.map(\.name).sorted().joined(separator: ", ")) alone; a file has every "
                    + "service in it, and goes into a database for all of them")
        }
        let plan = try await target.read { try ImportPlan(of: $0) }
        var outcome = Outcome()
        outcome.wasResumed = try await begin(plan, source, target)
        for table in plan.tables { try await move(table, source, target, progress) }
        outcome.rows = try await compare(plan, source, target)
        let report = try await Verifier(target).run()
        guard report.isClean else {
            throw NotEqual(differences: report.violations.map { "\($0.check): \($0.what)" })
        }
        outcome.settledOrders = report.settledOrders
        outcome.inFlight = report.inFlightCount
        let (file, rows) = ((path as NSString).lastPathComponent, outcome.rows.values.reduce(0, +))
        try await target.write { transaction in
            try transaction.script("DROP TABLE saga.import_progress")
            try SystemRecord(target).imported(from: file, rows: rows, in: transaction)
        }
        try source.close()
        return outcome
    }

    // MARK: Beginning

    /// - Returns: whether it goes on with what an earlier call began.
    private func begin(_ plan: ImportPlan, _ source: SQLiteDatabase, _ target: PostgresDatabase) async throws -> Bool {
        let report = try await Verifier(source).run()
        guard report.isClean else {
            throw NotEqual(differences: report.violations.map { "in '\(self.path)': \($0.check): \($0.what)" })
        }
        let path = self.path
        return try await target.write { transaction in
            if try transaction.first("SELECT 1 AS one WHERE to_regclass('saga.import_progress') IS NOT NULL") != nil {
                return true
            }
            for table in plan.tables {
                let any = "SELECT 1 AS one FROM \(table.target) LIMIT 1"
                guard try transaction.first(SQLStatement(any)) == nil else {
                    throw SQLError(
                        .misuse,
                        "the target is not empty: \(table.target) has rows; make another database to move '\(path)' to")
                }
            }
            try transaction.script(
                "CREATE TABLE saga.import_progress (name TEXT PRIMARY KEY, rows BIGINT NOT NULL, is_done BOOLEAN NOT NULL)"
            )
            return false
        }
    }

    // MARK: Moving

    private func move(
        _ table: ImportPlan.Table, _ source: SQLiteDatabase, _ target: PostgresDatabase,
        _ progress: @Sendable (Progress) -> Void
    ) async throws {
        let total = try await Self.count(table.name, in: source)
        let noted = try await target.read {
            try $0.first("SELECT rows, is_done FROM saga.import_progress WHERE name = \(table.name)")
        }
        if try noted?.bool("is_done") == true { return }
        var moved = try noted?.int64("rows") ?? 0
        // How many rows are there says where to go on: they are taken in the order of their key.
        var last = try await key(before: moved, table, source)
        while true {
            try Task.checkCancellation()
            let statement = table.batch(after: last, limit: batch)
            let rows = try await source.read { try $0.rows(statement) }
            let values = try rows.map(table.converted)
            let (count, isDone) = (moved + Int64(rows.count), rows.count < batch)
            try await target.write { transaction in
                guard let bulk = transaction as? any BulkCopying else {
                    throw SQLError(.misuse, "the target takes no bulk copies")
                }
                try bulk.copy(values, into: table.target, columns: table.columns.map(\.name))
                try transaction.execute(
                    """
                    INSERT INTO saga.import_progress (name, rows, is_done) VALUES (\(table.name), \(count), \(isDone))
                    ON CONFLICT (name) DO UPDATE SET rows = excluded.rows, is_done = excluded.is_done
                    """)
            }
            moved = count
            progress(Progress(table: table.name, rows: moved, of: total))
            guard !isDone, let end = rows.last else { return }
            last = try table.key.map { try end.value($0) }
        }
    }

    private func key(before moved: Int64, _ table: ImportPlan.Table, _ source: SQLiteDatabase) async throws
        -> [SQLValue]?
    {
        guard moved > 0 else { return nil }
        let fields = table.key.joined(separator: ", ")
        let text = "SELECT \(fields) FROM \(table.name) ORDER BY \(fields) LIMIT 1 OFFSET $1"
        let statement = SQLStatement(text, values: [.integer(moved - 1)])
        return try await source.read { transaction in
            guard let row = try transaction.first(statement) else {
                throw SQLError(
                    .misuse, "more of \(table.name) was moved than there is: the file is not the one it began with")
            }
            return try table.key.map { try row.value($0) }
        }
    }

    private static func count(_ table: String, in database: any SQLDatabase) async throws -> Int64 {
        let text = "SELECT COUNT(*) AS n FROM \(table)"
        return try await database.read { try $0.first(SQLStatement(text))?.int64("n") ?? 0 }
    }

    // MARK: Comparing

    /// - Returns: how many rows each table has in both.
    private func compare(
        _ plan: ImportPlan, _ source: SQLiteDatabase, _ target: PostgresDatabase
    ) async throws -> [String: Int64] {
        var (rows, differences) = ([String: Int64](), [String]())
        for table in plan.tables {
            let here = try await Self.sums(of: table.name, table.columns, in: source)
            let there = try await Self.sums(of: table.target, table.columns, in: target)
            for (name, value) in here where there[name] != value {
                differences.append("\(name) of \(table.name) is \(value) here and \(there[name] ?? "missing") there")
            }
            rows[table.name] = try await Self.count(table.target, in: target)
        }
        guard differences.isEmpty else { throw NotEqual(differences: differences) }
        return rows
    }

    /// The number of rows; of each column the number of values, and the sum of its numbers or of its texts' lengths.
    private static func sums(
        of table: String, _ columns: [ImportPlan.Column], in database: any SQLDatabase
    ) async throws -> [String: String] {
        let parts = columns.map { column in
            let sum =
                switch column.kind {
                // Of what is left over by a prime, so that no sum is too large.
                case .number: "COALESCE(SUM(\(column.name) % 1000000007), 0)"
                case .text: "COALESCE(SUM(LENGTH(\(column.name))), 0)"
                case .boolean: "COALESCE(SUM(CASE WHEN \(column.name) THEN 1 ELSE 0 END), 0)"
                case .uuid, .bytes: "0"
                }
            return "COUNT(\(column.name)) AS n_\(column.name), \(sum) AS s_\(column.name)"
        }
        let text = "SELECT COUNT(*) AS n, \(parts.joined(separator: ", ")) FROM \(table)"
        let statement = SQLStatement(text)
        return try await database.read { transaction in
            guard let row = try transaction.first(statement) else { return [:] }
            var sums = ["rows": "\(try row.int64("n"))"]
            for column in columns {
                sums["values of \(column.name)"] = "\(try row.int64("n_\(column.name)"))"
                sums["sum of \(column.name)"] = "\(try row.int64("s_\(column.name)"))"
            }
            return sums
        }
    }
}
