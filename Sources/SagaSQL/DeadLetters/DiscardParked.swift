import FoundationEssentials
import SQLCore
import SagaChoreography

/// Forgets one parked message that changes nothing: decided by handling it, in the very transaction in which it is forgotten. Whatever
/// comes of that rolls everything back.
struct DiscardParked: Command {
    static let id: ReactionID = "saga.discard-parked"

    let operation: UUID
    let message: UUID
    let request: InterventionRequest
    let store: SQLSagaStore
    let rules: DeadLetterRules

    /// - Throws: ``DeadLetterRefusal``; ``SQLError``.
    func execute(in step: SQLStep) throws -> Decision<Void, Never> {
        guard let message = try ParkedMessages.lock(message, in: step.transaction) else {
            throw DeadLetterRefusal.notFound
        }
        let effect = try ExpectedEffect.of(message, by: rules, store, in: step)
        if let refusal = effect.refusalOfDiscard { throw refusal }
        guard try ParkedMessages.remove(message.id, in: step.transaction) else { throw DeadLetterRefusal.notFound }
        let operations = InterventionStore(step.transaction)
        try operations.begin(operation, .discard, by: request, at: step.now)
        try operations.add(
            .init(message, .discarded, finishedAt: step.now), to: operation, replaced: message.envelope)
        try AuditLog.write(
            AuditRecord(
                deadLetter: message, "dead-letters.discarded", by: request, in: operation,
                ["discarded": message.envelope]), in: step)
        return Decision(())
    }
}

/// Notes what an operation on several messages left alone, and why.
struct NoteKept: Command {
    static let id: ReactionID = "saga.note-kept"

    let operation: UUID
    let kind: Intervention.Kind
    let kept: [PlannedItem]
    let request: InterventionRequest

    /// - Throws: ``SQLError``.
    func execute(in step: SQLStep) throws -> Decision<Void, Never> {
        let operations = InterventionStore(step.transaction)
        try operations.begin(operation, kind, by: request, at: step.now)
        for item in kept {
            try operations.add(
                .init(item.message, .kept, detail: item.refusal?.summary, finishedAt: step.now), to: operation)
            var record = AuditRecord(
                deadLetter: item.message, "dead-letters.kept", by: request, in: operation,
                ["why": item.refusal?.summary ?? ""])
            record.status = .blocked
            try AuditLog.write(record, in: step)
        }
        return Decision(())
    }
}
