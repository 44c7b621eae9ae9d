import FoundationEssentials
import SagaChoreography

/// What one group's consumer in this process holds: fetched, handed out, or handled while the acknowledgement is still owed.
/// Without I/O.
///
/// Redis knows entries, the consumer events: an entry is acknowledged once each of its events is handled. Some events are here before
/// their entries (``LocalEvents``).
struct Inbox {
    /// Names an entry within the group.
    struct Place: Hashable {
        let stream: StreamLayout.Stream
        let id: EntryID
    }

    /// An entry that came from Redis, with one to ``EntryEvents/most`` events.
    struct Arrival {
        let place: Place
        let events: [Event]
    }

    /// An event of such an entry.
    enum Event {
        case read(Envelope)
        /// Its contents were not read: it had been handed over by this process (``Inbox/knows(_:)``).
        case known(UUID)

        var id: UUID {
            switch self {
            case .read(let envelope): envelope.id
            case .known(let id): id
            }
        }
    }

    /// An entry the effects of whose events are committed.
    struct Debt {
        fileprivate let number: Int64
        let place: Place
    }

    private struct Held {
        let place: Place
        let ids: [UUID]
        /// Nothing where the event is, or was, among those that were handed over by this process.
        var deliveries: [Delivery?] = []
        /// A bit for each of them.
        var handedOut: UInt64 = 0
        var handled: UInt64 = 0
        var local: UInt64 = 0

        var all: UInt64 { UInt64.max >> UInt64(64 - ids.count) }
        /// Some are handed out and not handled.
        var isBeingHandled: Bool { handedOut & ~handled != 0 }
        var isHandled: Bool { handled == all }
        /// Were handed out from here and are not handled.
        var failed: UInt64 { handedOut & ~handled & ~local }
    }

    /// An entry's number, and so the places of its events: each has room for as many as an entry may have.
    private static let width = Int64(EntryEvents.most)

    private var held: [Int64: Held] = [:]
    private var numbers: [Place: Int64] = [:]
    private var last: Int64 = 0
    /// With events that were not handed out, in the order of arrival.
    private var waiting: [Int64] = []
    /// With events that were handed out and are not handled.
    private var handedOut: Set<Int64> = []
    /// All their effects are committed; Redis has yet to hear of it.
    private var owed: Set<Int64> = []
    /// Redis is being told of them.
    private var beingSettled: Set<Int64> = []

    private let local = LocalEvents()

    /// All events of entries that are held.
    private(set) var count = 0

    /// Takes events that this process has just committed, as far as there is room.
    ///
    /// - Returns: the types of which there is something to hand out.
    mutating func add(local envelopes: some Sequence<Envelope>, at now: ContinuousClock.Instant) -> Set<EventType> {
        local.add(envelopes, at: now)
    }

    /// Whether more of them would be taken.
    var hasRoomForLocalEvents: Bool { local.hasRoom }

    /// Whether the contents of an event that arrives are of no interest.
    func knows(_ event: UUID) -> Bool { local.knows(event) }

    /// Takes what arrived; what is held already does not arrive a second time.
    ///
    /// - Returns: the types of which there is something new to hand out.
    mutating func add(_ arrivals: [Arrival]) -> Set<EventType> {
        var types: Set<EventType> = []
        for arrival in arrivals {
            let ids = arrival.events.map(\.id)
            if let number = numbers[arrival.place] {
                if held[number]?.ids.first == ids.first { continue }
                // After a loss of everything other events can get the id of an old entry. The old one is of no more
                // concern to Redis; whoever holds it hands in an acknowledgement for nothing.
                forget(number)
            }
            last += 1
            var entry = Held(place: arrival.place, ids: ids)
            for (index, event) in arrival.events.enumerated() { add(event, at: index, to: &entry) }
            held[last] = entry
            numbers[arrival.place] = last
            count += ids.count
            if entry.isBeingHandled { handedOut.insert(last) }
            if entry.isHandled { owed.insert(last) }
            if entry.handedOut != entry.all {
                waiting.append(last)
                types.insert(arrival.place.stream.type)
            }
        }
        return types
    }

    private mutating func add(_ event: Event, at index: Int, to entry: inout Held) {
        let bit: UInt64 = 1 << UInt64(index)
        func delivery(_ envelope: Envelope) -> Delivery {
            Delivery(envelope: envelope, position: last * Self.width + Int64(index))
        }
        switch (local.join(event.id, .init(entry: last, index: index)), event) {
        case (.unknown, .read(let envelope)), (.again(let envelope), _):
            entry.deliveries.append(delivery(envelope))
        case (.handled, _), (.unknown, .known):
            // One that was known and is no more was handled: it was joined with another entry since, or that was long ago.
            entry.deliveries.append(nil)
            entry.local |= bit
            entry.handedOut |= bit
            entry.handled |= bit
        case (.underWay, _):
            entry.deliveries.append(nil)
            entry.local |= bit
            entry.handedOut |= bit
        }
    }

    /// The next deliveries of these types. What was handed out and not acknowledged comes first: whoever asks again has failed
    /// to handle it.
    mutating func next(types: Set<EventType>, limit: Int, at now: ContinuousClock.Instant = .now) -> [Delivery] {
        var taken: [Delivery] = []
        let failed = handedOut.filter { number in
            held.index(forKey: number).map { held.values[$0].failed != 0 } ?? false
        }
        for number in failed.sorted() where taken.count < limit {
            guard let entry = held[number], types.contains(entry.place.stream.type) else { continue }
            let failed = entry.failed
            for (index, delivery) in entry.deliveries.enumerated()
            where taken.count < limit && failed & 1 << UInt64(index) != 0 {
                if let delivery { taken.append(delivery) }
            }
        }
        taken += local.unhandled(types: types, limit: limit - taken.count)
        guard taken.count < limit else { return taken }
        takeWaiting(types, limit, &taken)
        return taken + local.next(types: types, limit: limit - taken.count, at: now)
    }

    private mutating func takeWaiting(_ types: Set<EventType>, _ limit: Int, _ taken: inout [Delivery]) {
        guard !waiting.isEmpty else { return }
        var rest: [Int64] = []
        for number in waiting {
            guard taken.count < limit, var entry = held[number], types.contains(entry.place.stream.type) else {
                rest.append(number)
                continue
            }
            // Those of an entry are handed out in order.
            for (index, delivery) in entry.deliveries.enumerated()
            where taken.count < limit && entry.handedOut & 1 << UInt64(index) == 0 {
                if let delivery { taken.append(delivery) }
                entry.handedOut |= 1 << UInt64(index)
            }
            held[number] = entry
            handedOut.insert(number)
            if entry.handedOut != entry.all { rest.append(number) }
        }
        waiting = rest
    }

    /// Notes that deliveries are handled: they are not handed out again.
    mutating func handled(_ deliveries: [Delivery]) {
        for delivery in deliveries {
            if LocalEvents.has(delivery) {
                if let link = local.handled(delivery) { handled(link) }
            } else {
                handled(.init(entry: delivery.position / Self.width, index: Int(delivery.position % Self.width)))
            }
        }
    }

    private mutating func handled(_ link: LocalEvents.Link) {
        let bit: UInt64 = 1 << UInt64(link.index)
        // In place: an entry is not to be copied for each of its events.
        guard let place = held.index(forKey: link.entry), held.values[place].handedOut & bit != 0 else { return }
        held.values[place].handled |= bit
        guard !held.values[place].isBeingHandled, handedOut.remove(link.entry) != nil else { return }
        if held.values[place].isHandled { owed.insert(link.entry) }
    }

    /// Whether Redis has yet to hear of something that nobody is telling it.
    var isInDebt: Bool { !owed.isEmpty }

    /// What Redis has yet to hear of, in the order of arrival; whoever takes it tells.
    mutating func takeDebts() -> [Debt] {
        defer {
            beingSettled.formUnion(owed)
            owed = []
        }
        return owed.sorted().compactMap { number in held[number].map { Debt(number: number, place: $0.place) } }
    }

    /// Telling failed.
    mutating func owe(_ debts: [Debt]) {
        for debt in debts where beingSettled.remove(debt.number) != nil { owed.insert(debt.number) }
    }

    /// Redis has heard of them.
    mutating func acknowledged(_ debts: [Debt]) {
        for debt in debts { forget(debt.number) }
    }

    /// The entries that this consumer will not come to, or not to all of.
    var unhandled: [Place] {
        held.filter { !owed.contains($0.key) && !beingSettled.contains($0.key) }.map(\.value.place)
    }

    private mutating func forget(_ number: Int64) {
        guard let entry = held.removeValue(forKey: number) else { return }
        count -= entry.ids.count
        let open = entry.local & ~entry.handled
        if open != 0 {
            for (index, id) in entry.ids.enumerated() where open & 1 << UInt64(index) != 0 { local.part(id) }
        }
        if numbers[entry.place] == number { numbers[entry.place] = nil }
        handedOut.remove(number)
        owed.remove(number)
        beingSettled.remove(number)
        if entry.handedOut != entry.all { waiting.removeAll { $0 == number } }
    }
}
