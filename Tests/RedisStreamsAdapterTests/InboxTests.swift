import SagaChoreography
import Testing

@testable import RedisStreamsAdapter

@Suite struct InboxTests {
    private func arrival(_ sequence: UInt64, _ envelopes: Envelope...) -> Inbox.Arrival {
        let stream = StreamLayout.Stream(type: envelopes[0].type, partition: 0)
        return Inbox.Arrival(
            place: Inbox.Place(stream: stream, id: EntryID(milliseconds: 1, sequence: sequence)),
            events: envelopes.map { .read($0) })
    }

    /// - Returns: whether there is anything new to hand out.
    private func add(_ arrivals: [Inbox.Arrival], to inbox: inout Inbox) -> Bool { !inbox.add(arrivals).isEmpty }

    private func next(_ types: Set<EventType>, _ limit: Int, of inbox: inout Inbox) -> [Delivery] {
        inbox.next(types: types, limit: limit)
    }

    @Test func `what is handed out and not handled is handed out again, before anything new`() {
        var inbox = Inbox()
        let sent = envelopes(3)
        #expect(add([arrival(1, sent[0]), arrival(2, sent[1])], to: &inbox) == true)
        #expect(next(["a.made"], 1, of: &inbox).map(\.envelope) == [sent[0]])
        _ = inbox.add([arrival(3, sent[2])])
        let again = inbox.next(types: ["a.made"], limit: 2)
        #expect(again.map(\.envelope) == [sent[0], sent[1]])
        inbox.handled([again[0]])
        #expect(next(["a.made"], 9, of: &inbox).map(\.envelope) == [sent[1], sent[2]])
        let debts = inbox.takeDebts()
        #expect(debts.map(\.place.id.sequence) == [1])
        #expect(inbox.unhandled.count == 2)
        inbox.acknowledged(debts)
        #expect(!inbox.isInDebt)
        #expect(inbox.count == 2)
    }

    @Test func `what is held does not arrive a second time`() {
        var inbox = Inbox()
        let sent = envelopes(1)
        #expect(add([arrival(1, sent[0])], to: &inbox) == true)
        #expect(add([arrival(1, sent[0])], to: &inbox) == false)
        let held = inbox.next(types: ["a.made"], limit: 9)
        #expect(add([arrival(1, sent[0])], to: &inbox) == false)
        inbox.handled(held)
        #expect(add([arrival(1, sent[0])], to: &inbox) == false)
        #expect(next(["a.made"], 9, of: &inbox).isEmpty)
    }

    @Test func `after a loss another event under the same id is another delivery`() {
        var inbox = Inbox()
        let sent = envelopes(2)
        _ = inbox.add([arrival(1, sent[0])])
        let old = inbox.next(types: ["a.made"], limit: 9)
        #expect(add([arrival(1, sent[1])], to: &inbox) == true)
        inbox.handled(old)
        #expect(!inbox.isInDebt)
        #expect(next(["a.made"], 9, of: &inbox).map(\.envelope) == [sent[1]])
    }

    @Test func `what Redis is being told of is told by nobody else, and again when that fails`() {
        var inbox = Inbox()
        let sent = envelopes(3)
        _ = inbox.add(sent.enumerated().map { arrival(UInt64($0.offset + 1), $0.element) })
        let held = inbox.next(types: ["a.made"], limit: 2)
        inbox.handled(held)
        let debts = inbox.takeDebts()
        #expect(debts.map(\.place.id.sequence) == [1, 2])
        #expect(!inbox.isInDebt && inbox.takeDebts().isEmpty)
        #expect(inbox.unhandled.map(\.id.sequence) == [3])
        #expect(next(["a.made"], 9, of: &inbox).map(\.envelope) == [sent[2]])
        inbox.owe(debts)
        #expect(inbox.isInDebt && inbox.takeDebts().map(\.place.id.sequence) == [1, 2])
        inbox.acknowledged(debts)
        inbox.owe(debts)
        #expect(!inbox.isInDebt)
        #expect(inbox.count == 1)
    }

    @Test func `types that nobody asks for wait`() {
        var inbox = Inbox()
        let (a, b) = (envelopes(1)[0], envelopes(1, "b.made")[0])
        _ = inbox.add([arrival(1, a), arrival(2, b)])
        #expect(next(["b.made"], 9, of: &inbox).map(\.envelope) == [b])
        #expect(next(["a.made"], 9, of: &inbox).map(\.envelope) == [a])
    }

    @Test func `an entry is owed once each of its events is handled, in whatever order`() {
        var inbox = Inbox()
        let sent = envelopes(5)
        #expect(add([arrival(1, sent[0], sent[1], sent[2]), arrival(2, sent[3], sent[4])], to: &inbox))
        #expect(inbox.count == 5)
        let first = inbox.next(types: ["a.made"], limit: 2)
        #expect(first.map(\.envelope) == [sent[0], sent[1]])
        inbox.handled([first[1]])
        #expect(next(["a.made"], 1, of: &inbox).map(\.envelope) == [sent[0]], "it failed")
        inbox.handled([first[0]])
        #expect(!inbox.isInDebt && inbox.unhandled.count == 2, "its third event waits")
        let rest = inbox.next(types: ["a.made"], limit: 9)
        #expect(rest.map(\.envelope) == [sent[2], sent[3], sent[4]])
        inbox.handled([rest[1], rest[0]])
        var debts = inbox.takeDebts()
        #expect(debts.map(\.place.id.sequence) == [1])
        inbox.acknowledged(debts)
        #expect(inbox.count == 2 && inbox.unhandled.map(\.id.sequence) == [2])
        #expect(next(["a.made"], 9, of: &inbox).map(\.envelope) == [sent[4]])
        inbox.handled([rest[2]])
        debts = inbox.takeDebts()
        #expect(debts.map(\.place.id.sequence) == [2])
        inbox.acknowledged(debts)
        #expect(inbox.count == 0 && next(["a.made"], 9, of: &inbox).isEmpty)
    }

    @Test func `an entry may be as full as its form allows`() {
        var inbox = Inbox()
        let sent = envelopes(2 * EntryEvents.most)
        let stream = StreamLayout.Stream(type: "a.made", partition: 0)
        for (index, part) in [sent.prefix(EntryEvents.most), sent.suffix(EntryEvents.most)].enumerated() {
            let place = Inbox.Place(stream: stream, id: EntryID(milliseconds: 1, sequence: UInt64(index)))
            #expect(add([Inbox.Arrival(place: place, events: part.map { .read($0) })], to: &inbox))
        }
        let all = inbox.next(types: ["a.made"], limit: 1000)
        #expect(all.map(\.envelope) == sent)
        #expect(Set(all.map(\.position)).count == sent.count)
        inbox.handled(all)
        let debts = inbox.takeDebts()
        #expect(debts.count == 2)
    }

    @Test func `of an entry that was lost with everything nothing is handed out or owed any more`() {
        var inbox = Inbox()
        let sent = envelopes(4)
        #expect(add([arrival(1, sent[0], sent[1])], to: &inbox))
        let old = inbox.next(types: ["a.made"], limit: 1)
        #expect(add([arrival(1, sent[2], sent[3])], to: &inbox))
        #expect(inbox.count == 2)
        inbox.handled(old)
        #expect(!inbox.isInDebt)
        #expect(next(["a.made"], 9, of: &inbox).map(\.envelope) == [sent[2], sent[3]])
    }
}
