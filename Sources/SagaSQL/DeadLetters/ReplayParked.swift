import FoundationEssentials
import SQLCore
import SagaChoreography

/// Gives parked messages back to their groups: each consumer takes its own as it takes a retry, whichever process it is in.
struct ReplayParked: Command {
    static let id: ReactionID = "saga.replay-parked"

    let operation: UUID
    let messages: [UUID]
    let request: InterventionRequest
    let store: SQLSagaStore
    /// Whether to leave alone what cannot be replayed, instead of doing nothing at all.
    let isForgiving: Bool

    /// - Throws: ``DeadLetterRefusal`` unless ``isForgiving``; ``SQLError``.
    func execute(in step: SQLStep) throws -> Decision<Void, Never> {
        let operations = InterventionStore(step.transaction)
        try operations.begin(operation, .replay, by: request, at: step.now)
        var (groups, isAnyThere): (Set<ServiceID>, Bool) = ([], false)
        for id in messages {
            guard let message = try ParkedMessages.lock(id, in: step.transaction) else {
                guard isForgiving else { throw DeadLetterRefusal.notFound }
                continue
            }
            isAnyThere = true
            guard let envelope = try? message.opened(), (try? envelope.cloudEvent()) != nil else {
                guard isForgiving else { throw DeadLetterRefusal.noEvent }
                let why = DeadLetterRefusal.noEvent.summary
                try operations.add(.init(message, .kept, detail: why, finishedAt: step.now), to: operation)
                continue
            }
            guard try ParkedMessages.remove(id, in: step.transaction) else {
                guard isForgiving else { throw DeadLetterRefusal.notFound }
                continue
            }
            try store.keep(
                Retry(envelope: envelope, attempts: 1, dueAt: step.now, reason: message.cause), for: message.consumer,
                in: step.transaction)
            try operations.add(.init(message, .requested), to: operation)
            try AuditLog.write(
                AuditRecord(deadLetter: message, "dead-letters.replayed", by: request, in: operation), in: step)
            groups.insert(message.consumer)
        }
        guard isAnyThere else { throw DeadLetterRefusal.notFound }
        step.transaction.announce(ParkedMessages.Replayed(groups: groups))
        return Decision(())
    }
}

extension ParkedMessages {
    /// What a replay announces, so that these groups look at what is kept for them.
    public struct Replayed: Sendable {
        /// The groups that got something back.
        public let groups: Set<ServiceID>
    }
}

extension AuditRecord {
    init(
        deadLetter message: ParkedMessage, _ action: String, by request: InterventionRequest, in operation: UUID,
        _ more: [String: String] = [:]
    ) {
        self.init(
            service: message.consumer, action: action, resource: "dead-letter",
            resourceID: message.id.uuidString.lowercased(), actor: request.actor,
            details: [
                "reason": request.reason, "operation": operation.uuidString.lowercased(),
                "event": message.eventID.uuidString.lowercased(), "type": message.type.name,
                "kind": message.kind.rawValue, "cause": message.cause,
            ].merging(more) { _, new in new }, correlationID: message.subject)
    }
}
