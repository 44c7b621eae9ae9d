import FoundationEssentials
import SQLCore
import SagaChoreography

/// An event as the outbox has it, without its data.
public struct OutboxEvent: Sendable, Hashable {
    /// The event's id.
    public let id: UUID
    /// Its wire name.
    public let type: EventType
    /// Who emitted it.
    public let source: ServiceID
    /// When.
    public let time: Timestamp
    /// The event that led to it; `nil` if a command did.
    public let causationID: UUID?
}

extension Outbox {
    /// The events of a saga that the outbox still has, in the order in which they were written: all of them, as long as it is not
    /// settled.
    ///
    /// It looks through the whole outbox, which has no index for it and holds what is under way.
    ///
    /// - Throws: ``SQLError``.
    public static func events(of subject: UUID, in transaction: any SQLTransaction) throws -> [OutboxEvent] {
        try transaction.dialect.outbox.held(of: subject, in: transaction).map(\.envelope).map { event in
            OutboxEvent(
                id: event.id, type: event.type, source: event.source, time: event.time, causationID: event.causationID)
        }
    }
}
