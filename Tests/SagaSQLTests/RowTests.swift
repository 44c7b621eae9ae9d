import SQLCore
import Testing

@Suite struct `A row of a result` {
    @Test func `has its columns by name, in whatever order they are asked for`() throws {
        let row = SQLRow(
            columns: SQLRow.Columns(["a", "b", "c"]), values: [.integer(1), .text("two"), .null])
        for _ in 0..<2 {
            #expect(try row.int64("a") == 1)
            #expect(try row.text("b") == "two")
            #expect(try row.optionalText("c") == nil)
        }
        #expect(try row.text("b") == "two")
        #expect(try row.int64("a") == 1)
        #expect(throws: SQLError.self) { try row.int64("d") }
        #expect(throws: SQLError.self) { try row.text("c") }
    }

    @Test func `finds the first of two columns with one name, also when the second is the next`() throws {
        let row = SQLRow(columns: SQLRow.Columns(["a", "a", "b"]), values: [.integer(1), .integer(2), .integer(3)])
        for _ in 0..<3 { #expect(try row.int64("a") == 1) }
        #expect(try row.int64("b") == 3)
    }
}
