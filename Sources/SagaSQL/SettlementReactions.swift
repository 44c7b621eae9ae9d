import SQLCore
import SagaChoreography

/// Closes a service's state row when its saga is settled: from then on its outbox rows may be deleted, and its inbox rows
/// of the subject are dropped.
public struct CloseState<Notice: Event>: Reaction {
    /// Its stable name, with the type it reacts to.
    public static var id: ReactionID { "saga.close-state.\(Notice.type.name)" }
    let service: ServiceID
    let table: String

    /// - Parameters:
    ///   - service: the service whose inbox rows are dropped.
    ///   - table: its state table, see ``StateTable``.
    public init(of service: ServiceID, in table: String) {
        self.service = service
        self.table = table
    }

    /// See ``Reaction``.
    public func react(to event: Notice, in step: SQLStep) throws -> Reply<Silence, Never> {
        guard let subject = event.subject else { return .ignore(.notExpected) }
        let closed = try step.transaction.execute(
            """
            UPDATE \(table: table) SET settled = \(true), updated_at = \(step.now.milliseconds)
            WHERE subject = \(subject) AND settled = \(false)
            """)
        try step.transaction.execute(
            "DELETE FROM saga_inbox WHERE consumer = \(service.name) AND subject = \(subject)")
        return closed > 0 ? .accept(Silence()) : .ignore(.duplicate)
    }
}

/// Sends again what a service's outbox still holds of a subject.
public struct RequeueOutbox<Request: Event>: Reaction {
    /// Its stable name, with the type it reacts to.
    public static var id: ReactionID { "saga.requeue-outbox.\(Request.type.name)" }
    let service: ServiceID

    /// A reaction for the outbox rows that `service` emitted.
    public init(of service: ServiceID) { self.service = service }

    /// See ``Reaction``.
    public func react(to event: Request, in step: SQLStep) throws -> Reply<Silence, Never> {
        guard let subject = event.subject else { return .ignore(.notExpected) }
        let requeued = try Outbox.requeue(
            subject, of: service, except: Request.type, in: step.transaction)
        return requeued > 0 ? .accept(Silence()) : .ignore(.notExpected)
    }
}
