import Testing

@testable import SagaChoreography

@Suite struct `What can wait` {
    private let all: Set<EventType> = ["urgent", "soon", "settled"]
    private let patience: [EventType: Duration] = ["soon": .milliseconds(5), "settled": .milliseconds(100)]

    private func at(_ milliseconds: Int64) -> Timestamp { Timestamp(milliseconds: 1_000_000 + milliseconds) }

    @Test func `is asked for at first, and then once in its patience`() {
        let leisure = Leisure(all, patience: patience)
        #expect(leisure.types(at: at(0)) == all)
        leisure.received(all, isEverything: true, at: at(0))
        #expect(leisure.types(at: at(0)) == ["urgent", "soon"])
        #expect(leisure.types(at: at(99)) == ["urgent", "soon"])
        #expect(leisure.dueAt(after: ["urgent", "soon"]) == at(100))
        #expect(leisure.types(at: at(100)) == all)
        #expect(leisure.dueAt(after: all) == nil)
    }

    @Test func `is asked for without a pause while not all of it was taken`() {
        let leisure = Leisure(all, patience: patience)
        leisure.received(all, isEverything: false, at: at(0))
        #expect(leisure.types(at: at(1)) == all)
        leisure.received(all, isEverything: true, at: at(1))
        #expect(leisure.types(at: at(2)) != all)
    }

    @Test func `does not wait for a clock that was put back`() {
        let leisure = Leisure(all, patience: patience)
        leisure.received(all, isEverything: true, at: at(0))
        #expect(leisure.types(at: at(-1)) == all)
    }

    @Test func `is nothing where every type is urgent`() {
        let leisure = Leisure(["urgent"], patience: [:])
        leisure.received(["urgent"], isEverything: true, at: at(0))
        #expect(leisure.types(at: at(1)) == ["urgent"])
        #expect(leisure.dueAt(after: ["urgent"]) == nil)
    }
}
