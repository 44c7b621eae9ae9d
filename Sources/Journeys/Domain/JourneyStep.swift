import FoundationEssentials
import SagaChoreography

/// An event of an order, as a stream tells of it.
public struct JourneyStep: Sendable, Hashable {
    public let event: JourneyReaction.EventMark
    /// Who emitted it.
    public let service: ServiceID
    /// What it followed from; `nil`: a request, a deadline, or an event whose id is not known.
    public let cause: UUID?
    /// Tells it from every other event of the order, the same whenever and from wherever it is read: its type and how many of that
    /// type came before it.
    public let key: String
}

extension EventTrace {
    var steps: [JourneyStep] {
        let byKey = Dictionary(uniqueKeysWithValues: events.map { ($0.key, $0) })
        var counts: [EventType: Int] = [:]
        return events.map { event in
            counts[event.type, default: 0] += 1
            return JourneyStep(
                event: .init(id: event.id, type: event.type, time: event.time), service: event.source,
                cause: event.cause.flatMap { byKey[$0]?.id }, key: "\(event.type.name)#\(counts[event.type] ?? 1)")
        }
    }
}
