import SagaChoreography
import Testing

@testable import RedisStreamsAdapter

/// Events that a process hands to its own consumers before Redis has them.
@Suite struct `An event that was handed over by its own process` {
    private let now = ContinuousClock.now

    /// An entry as it is read while the inbox knows some of its events.
    private func arrival(_ sequence: UInt64, _ envelopes: [Envelope], _ inbox: Inbox) -> Inbox.Arrival {
        let stream = StreamLayout.Stream(type: envelopes[0].type, partition: 0)
        return Inbox.Arrival(
            place: Inbox.Place(stream: stream, id: EntryID(milliseconds: 1, sequence: sequence)),
            events: envelopes.map { inbox.knows($0.id) ? .known($0.id) : .read($0) })
    }

    private func take(_ sequence: UInt64, _ envelopes: [Envelope], _ inbox: inout Inbox) -> Set<EventType> {
        inbox.add([arrival(sequence, envelopes, inbox)])
    }

    private let types: Set<EventType> = ["a.made", "b.made"]

    private func next(_ limit: Int, _ inbox: inout Inbox, types: Set<EventType> = ["a.made", "b.made"]) -> [Delivery] {
        inbox.next(types: types, limit: limit, at: now)
    }

    @Test func `is handed out once, and its entry is owed when it comes after that`() {
        var inbox = Inbox()
        let sent = envelopes(2)
        #expect(inbox.add(local: sent, at: now) == ["a.made"])
        let given = next(9, &inbox)
        #expect(given.map(\.envelope) == sent)
        inbox.handled(given)
        #expect(!inbox.isInDebt && next(9, &inbox).isEmpty)
        #expect(take(1, sent, &inbox).isEmpty)
        #expect(next(9, &inbox).isEmpty)
        let debts = inbox.takeDebts()
        #expect(debts.map(\.place.id.sequence) == [1])
        inbox.acknowledged(debts)
        #expect(inbox.count == 0 && inbox.unhandled.isEmpty && !inbox.knows(sent[0].id))
    }

    @Test func `keeps its entry from being owed until it is handled, waiting or handed out`() {
        var inbox = Inbox()
        let sent = envelopes(2)
        _ = inbox.add(local: sent, at: now)
        let first = next(1, &inbox)
        #expect(take(1, sent, &inbox).isEmpty)
        #expect(!inbox.isInDebt && inbox.unhandled.count == 1)
        let again = next(9, &inbox)
        #expect(again.map(\.envelope) == [sent[0], sent[1]], "the first one failed, and comes again before the second")
        inbox.handled(first)
        #expect(!inbox.isInDebt)
        inbox.handled([again[1]])
        #expect(inbox.takeDebts().map(\.place.id.sequence) == [1])
    }

    @Test func `shares its entry with others, which are handed out by it`() {
        var inbox = Inbox()
        let sent = envelopes(3)
        _ = inbox.add(local: [sent[1]], at: now)
        inbox.handled(next(9, &inbox))
        #expect(take(1, sent, &inbox) == ["a.made"])
        let given = next(9, &inbox)
        #expect(given.map(\.envelope) == [sent[0], sent[2]])
        inbox.handled([given[1]])
        #expect(!inbox.isInDebt)
        #expect(next(9, &inbox).map(\.envelope) == [sent[0]], "it failed")
        inbox.handled([given[0]])
        #expect(inbox.isInDebt)
    }

    @Test func `is handed out again by a second entry that it was sent in`() {
        var inbox = Inbox()
        let sent = envelopes(1)
        _ = inbox.add(local: sent, at: now)
        let given = next(9, &inbox)
        #expect(take(1, sent, &inbox).isEmpty)
        #expect(take(2, sent, &inbox) == ["a.made"])
        inbox.handled(given)
        let again = next(9, &inbox)
        #expect(again.map(\.envelope) == sent)
        inbox.handled(again)
        #expect(inbox.takeDebts().map(\.place.id.sequence) == [1, 2])
    }

    @Test func `is joined with a new entry after the loss of the one it was joined with`() {
        var inbox = Inbox()
        let (sent, other) = (envelopes(1), envelopes(1))
        _ = inbox.add(local: sent, at: now)
        let given = next(9, &inbox)
        _ = take(1, sent, &inbox)
        #expect(take(1, other, &inbox) == ["a.made"], "another life of the data has another event in its place")
        #expect(take(2, sent, &inbox).isEmpty)
        inbox.handled(given)
        #expect(inbox.takeDebts().map(\.place.id.sequence) == [2])
        #expect(next(9, &inbox).map(\.envelope) == other)
    }

    @Test func `was handled if it was known when its entry was read and is not any more`() {
        var inbox = Inbox()
        let sent = envelopes(1)
        _ = inbox.add(local: sent, at: now)
        let late = arrival(2, sent, inbox)
        inbox.handled(next(9, &inbox))
        _ = take(1, sent, &inbox)
        #expect(inbox.add([late]).isEmpty)
        #expect(inbox.takeDebts().map(\.place.id.sequence) == [1, 2])
    }

    @Test func `is handed out again if it is handed over again after it was handled, as one that is sent again`() {
        var inbox = Inbox()
        let sent = envelopes(1)
        _ = inbox.add(local: sent, at: now)
        inbox.handled(next(9, &inbox))
        #expect(inbox.add(local: sent, at: now) == ["a.made"])
        #expect(take(1, sent, &inbox).isEmpty && !inbox.isInDebt)
        inbox.handled(next(9, &inbox))
        #expect(inbox.isInDebt)
    }

    @Test func `makes room when it was handled, though one before it is not`() {
        var inbox = Inbox()
        let sent = envelopes(LocalEvents.bound)
        _ = inbox.add(local: sent, at: now)
        #expect(!inbox.hasRoomForLocalEvents)
        inbox.handled(Array(next(.max, &inbox).dropFirst()))
        #expect(inbox.add(local: envelopes(1), at: now + LocalEvents.lifetime + .seconds(1)) == ["a.made"])
        #expect(inbox.knows(sent[0].id) && !inbox.knows(sent[1].id) && inbox.hasRoomForLocalEvents)
    }

    @Test func `is handed over once, however often it is said`() {
        var inbox = Inbox()
        let sent = envelopes(1)
        #expect(inbox.add(local: sent, at: now) == ["a.made"])
        #expect(inbox.add(local: sent, at: now).isEmpty)
        #expect(next(9, &inbox).count == 1)
    }

    @Test func `waits while others are asked for; those of no saga come in the order in which they were handed over`() {
        var inbox = Inbox()
        let (a, b) = (envelopes(3), envelopes(2, "b.made"))
        _ = inbox.add(local: [b[0], a[0], a[1]], at: now)
        #expect(next(1, &inbox, types: ["a.made"]).map(\.envelope) == [a[0]])
        inbox.handled(next(1, &inbox, types: ["a.made"]))
        _ = inbox.add(local: [b[1], a[2]], at: now)
        #expect(next(3, &inbox).map(\.envelope) == [b[0], a[1], b[1]])
    }

    @Test func `comes together with what else there is of its saga, each type in its order`() {
        var inbox = Inbox()
        let sagas = (0..<6).map { _ in ids.next() }
        let a = sagas.map { envelope(ids.next(), "a.made", subject: $0) }
        let b = sagas.map { envelope(ids.next(), "b.made", subject: $0) }
        _ = inbox.add(local: a, at: now)
        _ = inbox.add(local: b, at: now)
        #expect(next(4, &inbox).map(\.envelope) == [a[0], b[0], a[1], b[1]])
        #expect(next(9, &inbox, types: ["b.made"]).map(\.envelope) == b)
    }

    @Test func `comes before those of older sagas once it has waited for a second`() {
        var inbox = Inbox()
        let old = (0..<2).map { _ in envelope(ids.next(), "a.made", subject: ids.next()) }
        let young = [envelope(ids.next(), "b.made", subject: ids.next())]
        _ = inbox.add(local: young, at: now - .milliseconds(1))
        _ = inbox.add(local: old, at: now)
        let second = LocalEvents.longestWait
        #expect(inbox.next(types: types, limit: 1, at: now + second - .milliseconds(2)).map(\.envelope) == [old[0]])
        inbox.handled(inbox.next(types: types, limit: 1, at: now))
        #expect(inbox.next(types: types, limit: 1, at: now + second - .milliseconds(1)).map(\.envelope) == young)
    }

    @Test func `is not taken beyond the bound, and forgotten some time after it was handled without an entry`() {
        var inbox = Inbox()
        let sent = envelopes(LocalEvents.bound + 1)
        _ = inbox.add(local: sent, at: now)
        let given = next(.max, &inbox)
        #expect(given.map(\.envelope) == sent.dropLast())
        inbox.handled(Array(given.dropFirst()))
        let later = now + LocalEvents.lifetime + .seconds(1)
        #expect(inbox.add(local: [sent[LocalEvents.bound]], at: now).isEmpty)
        inbox.handled([given[0]])
        #expect(inbox.add(local: [sent[LocalEvents.bound]], at: later) == ["a.made"])
        #expect(!inbox.knows(sent[0].id))
        #expect(take(1, [sent[0]], &inbox) == ["a.made"], "what is forgotten comes again")
    }
}
