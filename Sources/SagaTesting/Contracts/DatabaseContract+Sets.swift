import FoundationEssentials
import SQLCore

/// Many rows at once, which each database does in its own way.
extension DatabaseContract {
    static func aListOfAnyLengthIsSearched(_ database: any SQLDatabase) async throws {
        try await prepareSets(database)
        try await database.write { transaction in
            for id in 0..<10 {
                try transaction.execute("INSERT INTO sets (id, key, flag) VALUES (\(id), \("k\(id)"), \(id % 2 == 0))")
            }
        }
        for length in [0, 1, 2, 3, 7, 200] {
            let found = try await database.read { transaction in
                try transaction.rows("SELECT id FROM sets WHERE id IN (\(list: Array(0..<length))) ORDER BY id")
                    .map { try $0.int("id") }
            }
            try require(found == Array(0..<min(10, length)), "of \(length) ids \(found) were found")
            let others = try await database.read { transaction in
                try transaction.rows(
                    """
                    SELECT id FROM sets WHERE flag = \(true) AND key NOT IN (\(list: (0..<length).map { "k\($0)" }))
                    ORDER BY id
                    """
                ).map { try $0.int("id") }
            }
            try require(
                others == (0..<10).filter { $0 >= length && $0 % 2 == 0 }, "beside \(length) keys there are \(others)")
        }
    }

    static func rowsAreCompletedByOthers(_ database: any SQLDatabase) async throws {
        try await prepareSets(database)
        let insertion = ManyRows(into: "sets (id, key, flag)", columns: [.integer, .text, .bool])
        let copying = ManyRows(
            into: "sets (id, key, flag)", columns: [.integer, .integer], selecting: "new.column1, s.key, s.flag",
            from: "sets s ON s.id = new.column2")
        let copies = try await database.write { transaction in
            try insertion.run(Array(0..<70), in: transaction) {
                [.integer(Int64($0)), .text("k\($0)"), .bool($0 % 2 == 0)]
            }
            try copying.later(Array(0..<70), in: transaction, else: Unexpected()) {
                [.integer(Int64($0 + 100)), .integer(Int64($0))]
            }
            return try transaction.rows("SELECT id, key, flag FROM sets WHERE id >= \(100) ORDER BY id").map { row in
                (id: try row.int("id"), key: try row.text("key"), flag: try row.bool("flag"))
            }
        }
        try require(
            copies.enumerated().allSatisfy { $1.id == $0 + 100 && $1.key == "k\($0)" && $1.flag == ($0 % 2 == 0) }
                && copies.count == 70, "the copies are \(copies)")
        try await requireThrows("the copy of a row that does not exist", .type(Unexpected.self)) {
            try await database.write { transaction in
                try copying.later([1, 500], in: transaction, else: Unexpected()) {
                    [.integer(Int64($0 + 200)), .integer(Int64($0))]
                }
            }
        }
    }

    static func manyRowsAreInsertedChangedAndRead(_ database: any SQLDatabase) async throws {
        try await prepareSets(database)
        let insertion = ManyRows(
            into: "sets (id, key, flag, owner, data, share)", columns: [.integer, .text, .bool, .uuid, .bytes, .real],
            suffix: "ON CONFLICT (id) DO NOTHING")
        let change = ManyRows(
            changing: "sets SET key = new.column2", columns: [.integer, .text],
            where: "id = new.column1 AND flag = TRUE")
        let reading = ManyRows(
            reading: "s.id, s.key, s.owner, s.data, s.share", columns: [.integer, .bool],
            from: "sets s ON s.id = new.column1 AND s.flag = new.column2")
        let owner = UUID()
        let count = 131
        let (inserted, again, changed, read) = try await database.write { transaction in
            func insert(_ ids: Range<Int>) throws -> Int {
                try insertion.run(Array(ids), in: transaction) { id in
                    let key: SQLValue = id % 3 == 0 ? .null : .text("검 {\"\(id)\",\\}")
                    let data = Data([0, UInt8(id), 255])
                    return [
                        .integer(Int64(id)), key, .bool(id % 2 == 0), .uuid(owner), .bytes(data), .real(Double(id) / 2),
                    ]
                }
            }
            let inserted = try insert(0..<count)
            let again = try insert(count - 1..<count + 1)
            let changed = try change.run([1, 2, 4], in: transaction) { [.integer($0), .text("new \($0)")] }
            let read = try reading.rows([2, 3, 6, 500], in: transaction) { [.integer($0), .bool(true)] }
            return (inserted, again, changed, read)
        }
        try require(inserted == count && again == 1 && changed == 2, "\(inserted), \(again), \(changed)")
        let byID = try Dictionary(uniqueKeysWithValues: read.map { (try $0.int("id"), $0) })
        try require(Set(byID.keys) == [2, 6], "read \(byID.keys.sorted())")
        try require(try byID[2]?.text("key") == "new 2" && byID[6]?.isNull("key") == true, "keys")
        try require(
            try byID[2]?.uuid("owner") == owner && byID[6]?.bytes("data") == Data([0, 6, 255]), "ids and bytes")
        try require(try byID[6]?.double("share") == 3, "numbers")
        let last = try await database.read { transaction in
            try transaction.first("SELECT key FROM sets WHERE id = \(5)")?.text("key")
        }
        try require(last == "검 {\"5\",\\}", "text \(last ?? "none")")
    }

    private static func prepareSets(_ database: any SQLDatabase) async throws {
        try await database.write { transaction in
            let (uuid, bytes) = transaction.dialect == .postgres ? ("UUID", "BYTEA") : ("BLOB", "BLOB")
            try transaction.script(
                """
                CREATE TABLE sets (
                    id BIGINT PRIMARY KEY, key TEXT, flag BOOLEAN NOT NULL, owner \(uuid), data \(bytes),
                    share DOUBLE PRECISION);
                """)
        }
    }
}
