import FoundationEssentials
import SagaChoreography

/// Events that were handed to one group's consumer by its own process before Redis had them, without I/O.
///
/// Redis gets each of them all the same. When its entry comes, the two are joined: the event is not handed out a second time, and the
/// entry is acknowledged once it is handled. One whose entry never comes, because another process got it, is forgotten some time after it
/// was handled, when there are new ones.
final class LocalEvents {
    /// Where in an entry an event is.
    struct Link {
        let entry: Int64
        let index: Int
    }

    /// What became of an event whose entry has come.
    enum Joined {
        /// It is handled.
        case handled
        /// It waits or is being handled; that it is handled will be said with the entry.
        case underWay
        /// It is joined with another entry already: it was sent twice.
        case again(Envelope)
        /// It was not handed over here.
        case unknown
    }

    private final class Local {
        let delivery: Delivery
        let since: ContinuousClock.Instant
        var isHandled = false
        /// Its entry has come, or it was replaced: nothing but the order refers to it.
        var isGone = false
        var link: Link?

        init(_ delivery: Delivery, since: ContinuousClock.Instant) {
            self.delivery = delivery
            self.since = since
        }
    }

    /// How many are kept at most: what is beyond comes by Redis alone.
    static let bound = 8192
    /// How long one that is handled waits for its entry.
    static let lifetime = Duration.seconds(60)

    private var events: [UUID: Local] = [:]
    /// Were not handed out, in order.
    private var waiting: [EventType: ArraySlice<Local>] = [:]
    /// Were handed out and are not handled, by their positions.
    private var handedOut: [Int64: Local] = [:]
    /// All, in the order in which they came, and some that are gone: no more than are here, and some.
    private var order: ArraySlice<Local> = []
    private var sweptAt: ContinuousClock.Instant?
    private var last: Int64 = 0

    /// Whether a delivery is one of these: their positions are below 0.
    static func has(_ delivery: Delivery) -> Bool { delivery.position < 0 }

    /// Whether more would be taken.
    var hasRoom: Bool { events.count < Self.bound }

    /// Takes events, as far as there is room. One that is handled is handed out again: it was sent again, on purpose.
    ///
    /// - Returns: the types of which there is something to hand out.
    func add(_ envelopes: some Sequence<Envelope>, at now: ContinuousClock.Instant) -> Set<EventType> {
        forget(before: now - Self.lifetime)
        var types: Set<EventType> = []
        for envelope in envelopes where hasRoom {
            if let known = events[envelope.id] {
                guard known.isHandled else { continue }
                known.isGone = true
            }
            last -= 1
            let local = Local(Delivery(envelope: envelope, position: last), since: now)
            events[envelope.id] = local
            waiting[envelope.type, default: []].append(local)
            order.append(local)
            types.insert(envelope.type)
        }
        return types
    }

    private func forget(before end: ContinuousClock.Instant) {
        while let local = order.first, local.isGone || isOver(local, end) { forget(order.removeFirst()) }
        // A slice keeps what it was cut from: start anew now and then.
        if order.startIndex > 2 * order.count + 1024 { order = ArraySlice(Array(order)) }
        // Behind one that is not handled: whenever half of them are gone, and once in a while if there is no more room.
        guard order.count > 2 * events.count + 1024 || !hasRoom && sweptAt.map({ $0 < end }) ?? true else { return }
        sweptAt = end + Self.lifetime
        for local in order where isOver(local, end) { forget(local) }
        order = ArraySlice(order.filter { !$0.isGone })
    }

    private func isOver(_ local: Local, _ end: ContinuousClock.Instant) -> Bool { local.isHandled && local.since < end }

    private func forget(_ local: Local) {
        if !local.isGone { remove(local) }
    }

    /// What was handed out and is not handled.
    func unhandled(types: Set<EventType>, limit: Int) -> [Delivery] {
        guard !handedOut.isEmpty else { return [] }
        let deliveries = handedOut.values.map(\.delivery).filter { types.contains($0.envelope.type) }
        return Array(deliveries.sorted { $0.position > $1.position }.prefix(limit))
    }

    /// The next ones that were not handed out: the type of which one has waited longest comes first.
    func next(types: Set<EventType>, limit: Int) -> [Delivery] {
        var taken: [Delivery] = []
        let queues = waiting.compactMap { type, events in
            types.contains(type) ? events.first.map { (type, since: $0.delivery.position) } : nil
        }
        for (type, _) in queues.sorted(by: { $0.since > $1.since }) where taken.count < limit {
            var rest = waiting.removeValue(forKey: type) ?? []
            let next = rest.prefix(limit - taken.count)
            rest.removeFirst(next.count)
            for local in next {
                taken.append(local.delivery)
                handedOut[local.delivery.position] = local
            }
            // A slice keeps what it was cut from: start anew now and then.
            if rest.startIndex > 2 * rest.count + 1024 { rest = ArraySlice(Array(rest)) }
            if !rest.isEmpty { waiting[type] = rest }
        }
        return taken
    }

    /// Notes that one is handled.
    ///
    /// - Returns: where its entry is to be told so, if that has come.
    func handled(_ delivery: Delivery) -> Link? {
        guard let local = handedOut.removeValue(forKey: delivery.position) else { return nil }
        local.isHandled = true
        guard let link = local.link else { return nil }
        remove(local)
        return link
    }

    private func remove(_ local: Local) {
        local.isGone = true
        events[local.delivery.envelope.id] = nil
    }

    /// An entry with the event has come.
    func join(_ id: UUID, _ link: Link) -> Joined {
        guard let local = events[id] else { return .unknown }
        if local.isHandled {
            remove(local)
            return .handled
        }
        guard local.link == nil else { return .again(local.delivery.envelope) }
        local.link = link
        return .underWay
    }

    /// The entry that the event was joined with is gone: another one will come.
    func part(_ id: UUID) { events[id]?.link = nil }

    /// Whether the event was handed over here, and its entry has nothing new to say.
    func knows(_ id: UUID) -> Bool { events[id] != nil }
}
