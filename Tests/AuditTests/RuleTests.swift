import Audit
import PurchaseApp
import SagaChoreography
import Testing

@Suite struct `The table of what is recorded` {
    @Test func `has a row for every event that anybody emits`() {
        let emitted = Set(ChoreographyGraph(PurchaseSystem.participants()).events)
        let recorded = Set(AuditRules.all.keys)
        #expect(emitted.subtracting(recorded) == [], "events without a row")
        #expect(recorded.subtracting(emitted) == [], "rows without an event")
    }
}
