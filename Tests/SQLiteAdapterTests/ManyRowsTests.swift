import SQLCore
import SQLiteAdapter
import Testing

@Suite struct ManyRowsTests {
    @Test(arguments: [0, 1, 2, 3, 63, 64, 65, 127, 200])
    func `every row is inserted, in order`(count: Int) async throws {
        let database = try SQLiteDatabase.inMemory()
        let rows = try await database.write { transaction in
            try transaction.script("CREATE TABLE notes (seq INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)")
            let inserted = try ManyRows(into: "notes (text)", columns: 1)
                .run(Array(0..<count), in: transaction) { [.text("note \($0)")] }
            #expect(inserted == count)
            return try transaction.rows("SELECT text FROM notes ORDER BY seq").map { try $0.text("text") }
        }
        #expect(rows == (0..<count).map { "note \($0)" })
    }

    @Test func `rows that are there already are counted out`() async throws {
        let database = try SQLiteDatabase.inMemory()
        let insertion = ManyRows(into: "notes (id)", columns: 1, suffix: "ON CONFLICT (id) DO NOTHING")
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
                try ManyRows(into: "notes (id, text)", columns: 2).run([1], in: transaction) { [.integer($0)] }
            }
        }
    }

    @Test(arguments: [0, 1, 2, 3, 100, 128, 129, 300])
    func `a padded list has every value and few lengths`(count: Int) {
        let parts = PaddedList.parts(of: Array(0..<count))
        #expect(Set(parts.flatMap { $0 }) == Set(0..<count))
        #expect(parts.allSatisfy { $0.count.nonzeroBitCount == 1 && $0.count <= 128 })
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
