import SagaChoreography

/// What one group's consumer in this process holds: fetched, handed out, or handled while the acknowledgement is still owed.
/// A value without I/O.
struct Inbox {
    /// Names an entry within the group.
    struct Place: Hashable {
        let stream: StreamLayout.Stream
        let id: EntryID
    }

    /// A delivery whose effects are committed.
    struct Debt {
        let position: Int64
        let place: Place
    }

    private struct Held {
        let delivery: Delivery
        let place: Place
    }

    private var held: [Int64: Held] = [:]
    private var positions: [Place: Int64] = [:]
    private var last: Int64 = 0
    /// Fetched, in the order of arrival.
    private var waiting: [Int64] = []
    /// Handed out and not acknowledged.
    private var handedOut: Set<Int64> = []
    /// Their effects are committed; Redis has yet to hear of it.
    private var owed: Set<Int64> = []
    /// Redis is being told of them.
    private var beingSettled: Set<Int64> = []

    /// Everything that is held.
    var count: Int { held.count }

    /// Takes what arrived; what is held already does not arrive a second time.
    ///
    /// - Returns: whether anything was new.
    mutating func add(_ arrivals: [(place: Place, envelope: Envelope)]) -> Bool {
        var isNew = false
        for (place, envelope) in arrivals {
            if let position = positions[place] {
                if held[position]?.delivery.envelope.id == envelope.id { continue }
                // After a loss of everything another event can get the id of an old one. The old one is of no more
                // concern to Redis; whoever holds it hands in an acknowledgement for nothing.
                forget(position)
            }
            last += 1
            held[last] = Held(delivery: Delivery(envelope: envelope, position: last), place: place)
            positions[place] = last
            waiting.append(last)
            isNew = true
        }
        return isNew
    }

    /// The next deliveries of these types. What was handed out and not acknowledged comes first: whoever asks again has failed
    /// to handle it.
    mutating func next(types: Set<EventType>, limit: Int) -> [Delivery] {
        var taken: [Delivery] = []
        for position in handedOut.sorted() where taken.count < limit {
            if let delivery = held[position]?.delivery, types.contains(delivery.envelope.type) {
                taken.append(delivery)
            }
        }
        var rest: [Int64] = []
        for position in waiting {
            if taken.count < limit, let delivery = held[position]?.delivery, types.contains(delivery.envelope.type) {
                taken.append(delivery)
                handedOut.insert(position)
            } else {
                rest.append(position)
            }
        }
        waiting = rest
        return taken
    }

    /// Notes that deliveries are handled: they are not handed out again.
    mutating func handled(_ deliveries: [Delivery]) {
        for delivery in deliveries where handedOut.remove(delivery.position) != nil { owed.insert(delivery.position) }
    }

    /// Whether Redis has yet to hear of something that nobody is telling it.
    var isInDebt: Bool { !owed.isEmpty }

    /// What Redis has yet to hear of, by position; whoever takes it tells.
    mutating func takeDebts() -> [Debt] {
        defer {
            beingSettled.formUnion(owed)
            owed = []
        }
        return owed.sorted().compactMap { position in held[position].map { Debt(position: position, place: $0.place) } }
    }

    /// Telling failed.
    mutating func owe(_ debts: [Debt]) {
        for debt in debts where beingSettled.remove(debt.position) != nil { owed.insert(debt.position) }
    }

    /// Redis has heard of them.
    mutating func acknowledged(_ debts: [Debt]) {
        for debt in debts { forget(debt.position) }
    }

    /// What this consumer will not come to any more.
    var unhandled: [Place] {
        held.filter { !owed.contains($0.key) && !beingSettled.contains($0.key) }.map(\.value.place)
    }

    private mutating func forget(_ position: Int64) {
        guard let place = held.removeValue(forKey: position)?.place else { return }
        if positions[place] == position { positions[place] = nil }
        if beingSettled.remove(position) == nil, owed.remove(position) == nil, handedOut.remove(position) == nil {
            waiting.removeAll { $0 == position }
        }
    }
}
