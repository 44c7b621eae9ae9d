import SQLCore
import SQLiteAdapter
import Testing

@Suite struct ManyRowsTests {
    @Test(arguments: [0, 1, 2, 3, 63, 64, 65, 127, 200])
    func `every row is inserted, in order`(count: Int) async throws {
        let database = try SQLiteDatabase.inMemory()
        let rows = try await database.write { transaction in
            try transaction.script("CREATE TABLE notes (seq INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)")
            let inserted = try ManyRows(into: "notes (text)", columns: [.text])
                .run(Array(0..<count), in: transaction) { [.text("note \($0)")] }
            #expect(inserted == count)
            return try transaction.rows("SELECT text FROM notes ORDER BY seq").map { try $0.text("text") }
        }
        #expect(rows == (0..<count).map { "note \($0)" })
    }

    @Test func `rows that are there already are counted out`() async throws {
        let database = try SQLiteDatabase.inMemory()
        let insertion = ManyRows(into: "notes (id)", columns: [.integer], suffix: "ON CONFLICT (id) DO NOTHING")
        let inserted = try await database.write { transaction in
            try transaction.script("CREATE TABLE notes (id INTEGER PRIMARY KEY)")
            try insertion.run([1, 2], in: transaction) { [.integer($0)] }
            return try insertion.run([1, 2, 3, 4, 5], in: transaction) { [.integer($0)] }
        }
        #expect(inserted == 3)
    }

    @Test func `a wrong number of values is refused`() async throws {
        let database = try SQLiteDatabase.inMemory()
        await #expect(throws: SQLError.self) {
            try await database.write { transaction in
                try transaction.script("CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT)")
                try ManyRows(into: "notes (id, text)", columns: [.integer, .text]).run([1], in: transaction) {
                    [.integer($0)]
                }
            }
        }
    }

    @Test(arguments: [0, 1, 8192, 8193, 20_000])
    func `a list is split where a statement ends`(count: Int) {
        let parts = BoundedList.parts(of: Array(0..<count))
        #expect(parts.flatMap { $0 } == Array(0..<count))
        #expect(parts.allSatisfy { !$0.isEmpty && $0.count <= 8192 })
    }

    @Test func `a list is written out with few lengths, each value bound where it is used first`() {
        let statement: SQLStatement =
            "SELECT \(7) WHERE a IN (\(list: [1, 2, 3])) AND b NOT IN (\(list: [4])) AND c = \(8)"
        #expect(statement.text == "SELECT $1 WHERE a IN ($2) AND b NOT IN ($3) AND c = $4")
        let flat = statement.withoutLists
        #expect(flat.text == "SELECT $1 WHERE a IN ($2_0, $2_1, $2_2, $2_3) AND b NOT IN ($3_0) AND c = $4")
        #expect(flat.values == [7, 1, 2, 3, 3, 4, 8].map { .integer($0) })
        #expect(statement.textWithArrays == "SELECT $1 WHERE a = ANY ($2) AND b <> ALL ($3) AND c = $4")
        let twice = SQLStatement("SELECT $2, $1 IN ($2)", values: [.integer(1), .list([.integer(2)])]).withoutLists
        #expect(twice.text == "SELECT $2_0, $1 IN ($2_0)")
        #expect(twice.values == [.integer(2), .integer(1)])
    }

    @Test func `empty texts and bytes are not NULL`() async throws {
        let database = try SQLiteDatabase.inMemory()
        let row = try await database.write { transaction in
            try transaction.first(
                "SELECT \("") IS NULL AS text, \([UInt8]().asBytes) IS NULL AS bytes, \("a\u{0}b") AS nul")
        }
        #expect(try row?.int("text") == 0)
        #expect(try row?.int("bytes") == 0)
        #expect(try row?.text("nul") == "a\u{0}b")
    }
}

extension [UInt8] {
    fileprivate var asBytes: SQLValue { .bytes(.init(self)) }
}
