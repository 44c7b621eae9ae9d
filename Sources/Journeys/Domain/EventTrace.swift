import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// The events of one order, causes before their effects.
struct EventTrace: Sendable {
    struct Event: Sendable, Hashable {
        /// Its place in the trace's order of arrival: what others refer to.
        let key: Int
        /// `nil` if only a row tells of it.
        let id: UUID?
        let type: EventType
        let source: ServiceID
        let time: Timestamp?
        /// The key of the event that led to it; `nil`: a request, a deadline, or an event that is not known.
        let cause: Int?
    }

    /// What was read of an event.
    struct Record: Sendable, Hashable {
        let id: UUID
        let type: EventType
        let source: ServiceID
        let time: Timestamp
        let causationID: UUID?
    }

    /// In order.
    let events: [Event]
    /// Whether all of it was read, nothing inferred.
    let isWhole: Bool

    /// - Parameters:
    ///   - records: what was read, in any order; one that comes twice counts once.
    ///   - evidence: what must have happened, too.
    init(_ records: [Record], _ evidence: SagaEvidence, _ graph: ChoreographyGraph) {
        var seen: Set<UUID> = []
        let records = records.filter { seen.insert($0.id).inserted }
        let keys = Dictionary(uniqueKeysWithValues: records.enumerated().map { ($1.id, $0) })
        var events = records.enumerated().map { key, record in
            Event(
                key: key, id: record.id, type: record.type, source: record.source, time: record.time,
                cause: record.causationID.flatMap { keys[$0] })
        }
        let known = Set(events.map(\.type))
        let inferred = evidence.events.subtracting(known).sorted()
        isWhole = inferred.isEmpty
        for type in inferred {
            guard let source = graph.emitters(of: type).first else { continue }
            events.append(
                Event(key: events.count, id: nil, type: type, source: source, time: evidence.times[type], cause: nil))
        }
        self.events = Self.ordered(
            events.map { event in
                event.id == nil ? Self.withCause(event, among: events, graph) : event
            })
    }

    /// An event that only a row tells of, with the event that its emitter must have reacted to.
    private static func withCause(_ event: Event, among events: [Event], _ graph: ChoreographyGraph) -> Event {
        let reactions = graph.nodes.filter { $0.service == event.source && !$0.id.name.hasPrefix("saga.") }
        let triggers = Set(reactions.filter { $0.emits.contains(event.type) }.compactMap(\.consumes))
        var cause = events.first { triggers.contains($0.type) && $0.key != event.key }
        if cause == nil, event.source == OtherSteps.payments {
            // The gateway's answer is to what a reaction began.
            let begun = Set(reactions.compactMap(\.consumes))
            cause = events.first { begun.contains($0.type) }
        }
        return Event(
            key: event.key, id: event.id, type: event.type, source: event.source, time: event.time, cause: cause?.key)
    }

    /// Causes first; of what is not bound so, the earlier first.
    private static func ordered(_ events: [Event]) -> [Event] {
        let byKey = Dictionary(uniqueKeysWithValues: events.map { ($0.key, $0) })
        var rest = events.sorted { before($0, $1, byKey) }
        var done: Set<Int> = []
        // Only what is completed is refunded, though no event leads from one to the other.
        let completion = events.first { $0.type == OrderCompleted.type }?.key
        var ordered: [Event] = []
        while !rest.isEmpty {
            // Of events that wait for each other (which none should) the first goes on.
            let index =
                rest.firstIndex { event in
                    let cause = event.type == OrderRefundRequested.type ? completion : event.cause
                    return cause.map { done.contains($0) } ?? true
                } ?? 0
            let event = rest.remove(at: index)
            done.insert(event.key)
            ordered.append(event)
        }
        return ordered
    }

    private static func before(_ a: Event, _ b: Event, _ byKey: [Int: Event]) -> Bool {
        let (left, right) = (time(of: a, byKey), time(of: b, byKey))
        if left != right { return left < right }
        let (leftID, rightID) = (a.id?.uuidString ?? "", b.id?.uuidString ?? "")
        return leftID == rightID ? a.key < b.key : leftID < rightID
    }

    /// Of an event without a time that of its nearest cause that has one.
    private static func time(of event: Event, _ byKey: [Int: Event]) -> Int64 {
        var (current, seen) = (event, Set<Int>())
        while current.time == nil, let cause = current.cause.flatMap({ byKey[$0] }), seen.insert(cause.key).inserted {
            current = cause
        }
        return current.time?.milliseconds ?? .min
    }
}
