import PurchaseApp
import SagaChoreography
import SagaSQL
import Testing

@Suite struct `The table of who reacts to what` {
    @Test func `is the one that was agreed`() {
        let rows = Row.all.map(\.description)
        #expect(rows.filter { !Self.table.contains($0) } == [], "rows that are new")
        #expect(Self.table.filter { !rows.contains($0) } == [], "rows that are missing")
        #expect(rows.count == Self.table.count)
    }

    @Test func `is complete`() {
        #expect(ChoreographyGraph(PurchaseSystem.participants()).findings == [])
    }

    static let table: [String] = []
}
