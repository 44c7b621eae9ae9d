import SagaChoreography

/// What one group's consumer in this process holds: fetched, handed out, or handled while the acknowledgement is still owed.
/// A value without I/O.
///
/// Redis knows entries, the consumer events: an entry is acknowledged once each of its events is handled.
struct Inbox {
    /// Names an entry within the group.
    struct Place: Hashable {
        let stream: StreamLayout.Stream
        let id: EntryID
    }

    /// An entry the effects of whose events are committed.
    struct Debt {
        fileprivate let number: Int64
        let place: Place
    }

    private struct Held {
        let place: Place
        let deliveries: [Delivery]
        /// A bit for each of them.
        var handedOut: UInt64 = 0
        var handled: UInt64 = 0

        var all: UInt64 { UInt64.max >> UInt64(64 - deliveries.count) }
        /// Some are handed out and not handled.
        var isBeingHandled: Bool { handedOut & ~handled != 0 }
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

    /// All events that are held.
    private(set) var count = 0

    /// Takes what arrived; what is held already does not arrive a second time.
    ///
    /// - Parameter arrivals: entries, each with one to ``EntryEvents/most`` events.
    /// - Returns: whether anything was new.
    mutating func add(_ arrivals: [(place: Place, envelopes: [Envelope])]) -> Bool {
        var isNew = false
        for (place, envelopes) in arrivals {
            if let number = numbers[place] {
                if held[number]?.deliveries.first?.envelope.id == envelopes.first?.id { continue }
                // After a loss of everything other events can get the id of an old entry. The old one is of no more
                // concern to Redis; whoever holds it hands in an acknowledgement for nothing.
                forget(number)
            }
            last += 1
            let first = last * Self.width
            held[last] = Held(
                place: place,
                deliveries: envelopes.enumerated().map { Delivery(envelope: $1, position: first + Int64($0)) })
            numbers[place] = last
            waiting.append(last)
            count += envelopes.count
            isNew = true
        }
        return isNew
    }

    /// The next deliveries of these types. What was handed out and not acknowledged comes first: whoever asks again has failed
    /// to handle it.
    mutating func next(types: Set<EventType>, limit: Int) -> [Delivery] {
        var taken: [Delivery] = []
        for number in handedOut.sorted() where taken.count < limit {
            guard let entry = held[number], types.contains(entry.place.stream.type) else { continue }
            for (index, delivery) in entry.deliveries.enumerated()
            where taken.count < limit && entry.handedOut & ~entry.handled & 1 << UInt64(index) != 0 {
                taken.append(delivery)
            }
        }
        guard taken.count < limit else { return taken }
        var rest: [Int64] = []
        for number in waiting {
            guard taken.count < limit, var entry = held[number], types.contains(entry.place.stream.type) else {
                rest.append(number)
                continue
            }
            // Those of an entry are handed out in order.
            let next = entry.deliveries.dropFirst(entry.handedOut.nonzeroBitCount).prefix(limit - taken.count)
            taken += next
            for index in next.indices { entry.handedOut |= 1 << UInt64(index) }
            held[number] = entry
            handedOut.insert(number)
            if entry.handedOut != entry.all { rest.append(number) }
        }
        waiting = rest
        return taken
    }

    /// Notes that deliveries are handled: they are not handed out again.
    mutating func handled(_ deliveries: [Delivery]) {
        for delivery in deliveries {
            let (number, index) = (delivery.position / Self.width, delivery.position % Self.width)
            guard var entry = held[number], entry.handedOut & 1 << UInt64(index) != 0 else { continue }
            entry.handled |= 1 << UInt64(index)
            held[number] = entry
            guard !entry.isBeingHandled, handedOut.remove(number) != nil else { continue }
            if entry.handled == entry.all { owed.insert(number) }
        }
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
        count -= entry.deliveries.count
        if numbers[entry.place] == number { numbers[entry.place] = nil }
        handedOut.remove(number)
        owed.remove(number)
        beingSettled.remove(number)
        if entry.handedOut != entry.all { waiting.removeAll { $0 == number } }
    }
}
