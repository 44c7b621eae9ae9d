import PurchaseContracts
import SQLCore

/// What is moved from one database to another: tables in an order in which each one's references are there already.
struct ImportPlan: Sendable {
    /// A column of the target, and what its values are there.
    struct Column: Sendable {
        enum Kind: Sendable { case uuid, boolean, bytes, number, text }

        let name: String
        let kind: Kind
    }

    struct Table: Sendable {
        /// The same in both databases.
        let name: String
        let schema: String
        let columns: [Column]
        /// What orders its rows, in this order.
        let key: [String]

        var target: String { "\(schema).\(name)" }
    }

    let tables: [Table]

    /// What is not moved: who had come how far, or does what at present, means nothing elsewhere.
    private static let leftOut: Set<String> = [
        "schema_migrations", "saga_positions", "saga_leases", "saga_services", "saga_homes",
        "import_progress",
    ]

    /// What the target has otherwise, and takes through a view: events come one by one and are counted anew.
    private static let views: [String: (counted: String, key: [String])] = ["saga_outbox": ("seq", ["seq"])]

    /// Reads the tables of a migrated PostgreSQL database.
    ///
    /// - Throws: ``SQLError``.
    init(of transaction: any SQLTransaction) throws {
        let columns = try transaction.rows(
            """
            SELECT table_schema::text AS schema, table_name::text AS name, column_name::text AS col,
                data_type::text AS type, (is_identity = 'YES') AS counted
            FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)
            WHERE (table_type = 'BASE TABLE' AND table_name <> 'saga_outbox_bundles'
                OR table_name IN (\(list: Self.views.keys.sorted()))) AND table_schema IN (\(list: PurchaseSystem.schemas))
            ORDER BY table_schema, table_name, ordinal_position
            """)
        let keys = try transaction.rows(
            """
            SELECT c.relname::text AS name, a.attname::text AS col FROM pg_index i
            JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
            CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k (number, place)
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number
            WHERE i.indisprimary AND n.nspname IN (\(list: PurchaseSystem.schemas)) ORDER BY c.relname, k.place
            """)
        let references = try transaction.rows(
            """
            SELECT a.relname::text AS name, b.relname::text AS needs FROM pg_constraint f
            JOIN pg_class a ON a.oid = f.conrelid JOIN pg_class b ON b.oid = f.confrelid WHERE f.contype = 'f'
            UNION
            -- References that are checked by set: their triggers name the other table.
            SELECT c.relname::text, split_part(encode(t.tgargs, 'escape'), '\\000', 1) FROM pg_trigger t
            JOIN pg_class c ON c.oid = t.tgrelid WHERE t.tgnewtable IS NOT NULL AND t.tgnargs = 1
            """)
        let keysByTable = try Dictionary(grouping: keys) { try $0.text("name") }
        var tables: [Table] = []
        for (name, rows) in try Dictionary(grouping: columns, by: { try $0.text("name") })
        where !Self.leftOut.contains(name) {
            tables.append(
                Table(
                    name: name, schema: try rows[0].text("schema"),
                    // A position that the target counts itself is not moved; its order is.
                    columns: try rows.filter { row in
                        try !row.bool("counted") && row.text("col") != Self.views[name]?.counted
                    }.map(Self.column),
                    key: try Self.views[name]?.key ?? (keysByTable[name] ?? []).map { try $0.text("col") }))
        }
        let needs = try Dictionary(grouping: references) { try $0.text("name") }
            .mapValues { Set(try $0.map { try $0.text("needs") }) }
        self.tables = Self.ordered(tables.sorted { $0.name < $1.name }, needs: needs)
    }

    private static func column(_ row: SQLRow) throws -> Column {
        let kind: Column.Kind =
            switch try row.text("type") {
            case "uuid": .uuid
            case "boolean": .boolean
            case "bytea": .bytes
            case "bigint": .number
            default: .text
            }
        return Column(name: try row.text("col"), kind: kind)
    }

    private static func ordered(_ tables: [Table], needs: [String: Set<String>]) -> [Table] {
        var (waiting, ordered) = (tables, [Table]())
        while !waiting.isEmpty {
            let there = Set(ordered.map(\.name))
            let ready = waiting.filter { table in
                (needs[table.name] ?? []).allSatisfy { there.contains($0) || $0 == table.name }
            }
            precondition(!ready.isEmpty, "tables that need each other")
            ordered += ready
            let names = Set(ready.map(\.name))
            waiting.removeAll { names.contains($0.name) }
        }
        return ordered
    }
}

extension ImportPlan.Table {
    /// The next rows of SQLite behind a key, in the key's order.
    func batch(after last: [SQLValue]?, limit: Int) -> SQLStatement {
        let fields = columns.map(\.name) + key.filter { name in !columns.contains { $0.name == name } }
        var text = "SELECT \(fields.joined(separator: ", ")) FROM \(name)"
        var values: [SQLValue] = []
        if let last {
            let places = last.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
            text += " WHERE (\(key.joined(separator: ", "))) > (\(places))"
            values = last
        }
        values.append(.integer(Int64(limit)))
        return SQLStatement(
            text + " ORDER BY \(key.joined(separator: ", ")) LIMIT $\(values.count)", values: values)
    }

    /// A row of SQLite as the target takes it.
    ///
    /// - Throws: ``SQLError`` `.shape`.
    func converted(_ row: SQLRow) throws -> [SQLValue] {
        try columns.map { column in
            let value = try row.value(column.name)
            guard value != .null else { return .null }
            switch column.kind {
            case .uuid: return .uuid(try row.uuid(column.name))
            case .boolean: return .bool(try row.bool(column.name))
            case .bytes: return .bytes(try row.bytes(column.name))
            case .number, .text: return value
            }
        }
    }
}
