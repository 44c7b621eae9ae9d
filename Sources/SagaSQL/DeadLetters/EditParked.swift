import FoundationEssentials
import SQLCore
import SagaChoreography

/// What an unreadable message is to say instead. Its id, type, source, subject and time stay.
public struct DeadLetterEdit: Sendable, Hashable {
    /// The event's fields as a JSON object in UTF-8.
    public let data: Data
    /// The version of the data's schema; `nil`: as it was.
    public let version: Int?

    /// Other data for a message.
    public init(data: Data, version: Int? = nil) {
        self.data = data
        self.version = version
    }

    /// The message with that data, and what it says then; `nil` of a service that handles no events by themselves.
    ///
    /// - Throws: ``DeadLetterRefusal`` if there is nothing to edit, or the result would be no better.
    func edited(
        _ message: ParkedMessage, by rules: DeadLetterRules, _ store: SQLSagaStore, _ ids: any IDGenerator
    ) throws -> (message: ParkedMessage, event: (any Event)?) {
        let participant = try rules.participant(message.consumer)
        guard let old = try? message.opened() else { throw DeadLetterRefusal.noEvent }
        guard message.kind == .undecodable,
            (try? LoneDelivery(of: old, to: participant, store: store, ids: ids)) == nil
        else { throw DeadLetterRefusal.readable }
        let new = Envelope(
            id: old.id, type: old.type, version: version ?? old.version, source: old.source, subject: old.subject,
            time: old.time, correlationID: old.correlationID, causationID: old.causationID,
            traceparent: old.traceparent, data: data)
        let text: String
        let event: (any Event)?
        do {
            text = String(decoding: try new.cloudEvent(), as: UTF8.self)
            event = try LoneDelivery(of: new, to: participant, store: store, ids: ids).event
        } catch let fault as SagaFault {
            throw DeadLetterRefusal.unreadableEdit(fault.summary)
        }
        if let event, event.subject != old.subject { throw DeadLetterRefusal.contradiction }
        return (message.with(envelope: text), event)
    }
}

/// Gives a message that cannot be read other data. It stays parked: replay it then. Whether the data contradicts what services know was
/// asked before (``DeadLetterRules/contradicts``): their rows may be in other databases.
struct EditParked: Command {
    static let id: ReactionID = "saga.edit-parked"

    let operation: UUID
    let message: UUID
    let edit: DeadLetterEdit
    let request: InterventionRequest
    let store: SQLSagaStore
    let rules: DeadLetterRules

    /// - Throws: ``DeadLetterRefusal``; ``SQLError``.
    func execute(in step: SQLStep) throws -> Decision<Void, Never> {
        guard let message = try ParkedMessages.lock(message, in: step.transaction) else {
            throw DeadLetterRefusal.notFound
        }
        let edited = try edit.edited(message, by: rules, store, step.ids).message
        let isThere = try step.transaction.changesOne(
            "UPDATE saga_parked SET envelope = \(edited.envelope) WHERE id = \(message.id)")
        guard isThere else { throw DeadLetterRefusal.notFound }
        let operations = InterventionStore(step.transaction)
        try operations.begin(operation, .edit, by: request, at: step.now)
        try operations.add(
            .init(message, .edited, finishedAt: step.now), to: operation, replaced: message.envelope)
        try AuditLog.write(
            AuditRecord(
                deadLetter: message, "dead-letters.edited", by: request, in: operation,
                ["replaced": message.envelope, "by": edited.envelope]), in: step)
        return Decision(())
    }
}
