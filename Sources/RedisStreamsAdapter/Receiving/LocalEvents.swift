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
        /// What is older comes first: the upper half of the saga's id, which begins with the time in ids of version 7.
        let rank: UInt64
        var isHandled = false
        /// Its entry has come, or it was replaced: nothing but the order refers to it.
        var isGone = false
        var link: Link?

        init(_ delivery: Delivery, since: ContinuousClock.Instant) {
            self.delivery = delivery
            self.since = since
            rank = delivery.envelope.subject.map { IDKey($0).high } ?? 0
        }
    }

    /// Those of one type that were not handed out, while some of them are taken.
    private struct Queue {
        let type: EventType
        let events: ArraySlice<Local>
        var next: Int

        var first: Local? { next < events.endIndex ? events[next] : nil }
    }

    /// How many are kept at most: what is beyond comes by Redis alone.
    static let bound = 8192
    /// How long one that is handled waits for its entry.
    static let lifetime = Duration.seconds(60)
    /// What has waited for so long comes before all that has not, whatever saga it is of.
    static let longestWait = Duration.seconds(1)

    private var events: [IDKey: Local] = [:]
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
        // Those of one type come one after another for the most part.
        var (type, run) = (EventType?.none, [Local]())
        func queue() {
            guard let type, !run.isEmpty else { return }
            waiting[type, default: []] += run
            types.insert(type)
            run = []
        }
        for envelope in envelopes where hasRoom {
            let key = IDKey(envelope.id)
            last -= 1
            let local = Local(Delivery(envelope: envelope, position: last), since: now)
            if let known = events.updateValue(local, forKey: key) {
                guard known.isHandled else {
                    events[key] = known
                    continue
                }
                known.isGone = true
            }
            if envelope.type != type {
                queue()
                type = envelope.type
            }
            run.append(local)
            order.append(local)
        }
        queue()
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

    /// The next ones that were not handed out, in order for each type. Of several types those of the oldest saga come first, so that
    /// what belongs together is handed out together.
    func next(types: Set<EventType>, limit: Int, at now: ContinuousClock.Instant) -> [Delivery] {
        guard limit > 0, !waiting.isEmpty else { return [] }
        var queues: [Queue] = []
        for (type, events) in waiting where types.contains(type) {
            queues.append(Queue(type: type, events: events, next: events.startIndex))
        }
        var taken: [Delivery] = []
        while taken.count < limit, let (index, local) = Self.oldest(of: queues, at: now) {
            queues[index].next += 1
            taken.append(local.delivery)
            handedOut[local.delivery.position] = local
        }
        for queue in queues where queue.next > queue.events.startIndex {
            let rest = queue.events[queue.next...]
            // A slice keeps what it was cut from: start anew now and then.
            let isLoose = rest.startIndex > 2 * rest.count + 1024
            waiting[queue.type] = rest.isEmpty ? nil : isLoose ? ArraySlice(Array(rest)) : rest
        }
        return taken
    }

    private static func oldest(of queues: [Queue], at now: ContinuousClock.Instant) -> (index: Int, local: Local)? {
        var oldest: (index: Int, local: Local, rank: UInt64)?
        for (index, queue) in queues.enumerated() {
            guard let local = queue.first else { continue }
            let rank = now - local.since < longestWait ? local.rank : 0
            if let oldest {
                // Of one saga in the order of arrival.
                if rank > oldest.rank { continue }
                if rank == oldest.rank, local.delivery.position < oldest.local.delivery.position { continue }
            }
            oldest = (index, local, rank)
        }
        return oldest.map { ($0.index, $0.local) }
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
        events[IDKey(local.delivery.envelope.id)] = nil
    }

    /// An entry with the event has come.
    func join(_ id: UUID, _ link: Link) -> Joined {
        guard let local = events[IDKey(id)] else { return .unknown }
        if local.isHandled {
            remove(local)
            return .handled
        }
        guard local.link == nil else { return .again(local.delivery.envelope) }
        local.link = link
        return .underWay
    }

    /// The entry that the event was joined with is gone: another one will come.
    func part(_ id: UUID) { events[IDKey(id)]?.link = nil }

    /// Whether the event was handed over here, and its entry has nothing new to say.
    func knows(_ id: UUID) -> Bool { events[IDKey(id)] != nil }
}
