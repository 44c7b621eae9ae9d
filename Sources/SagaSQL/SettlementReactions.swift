import FoundationEssentials
import SQLCore
import SagaChoreography

/// Closes a service's state row when its saga is settled: from then on its outbox rows may be deleted, and its inbox rows
/// of the subject are dropped.
public struct CloseState<Notice: Event>: BatchReaction {
    /// Nothing follows from it.
    public typealias Accepted = Silence
    /// It refuses nothing.
    public typealias Rejected = Never
    /// The notice that the saga is settled.
    public typealias Input = Notice
    /// A transaction of the SQL port.
    public typealias Transaction = any SQLTransaction

    /// Its stable name, with the type it reacts to.
    public static var id: ReactionID { "saga.close-state.\(Notice.type.name)" }
    /// Nobody waits for it: it lets rows be deleted, some time. Under load it comes with other events anyway; without, it would cost
    /// each service a transaction of its own for each saga, just when the next one may need the machine.
    public static var patience: Duration { .milliseconds(100) }
    let service: ServiceID
    let table: String
    let open: [String]

    /// - Parameters:
    ///   - service: the service whose inbox rows are dropped.
    ///   - table: its state table, see ``StateTable``.
    ///   - open: states that a row has only while its saga goes on. A saga that was settled and opened again (a refund) may meet the
    ///     notice of its first end once more, or late: such a row stays open.
    public init(of service: ServiceID, in table: String, unless open: [String] = []) {
        self.service = service
        self.table = table
        self.open = open
    }

    /// See ``BatchReaction``. Mostly nobody waits to hear which rows were open: closing one that is closed is then answered alike.
    public func react(toAll events: [Notice], in step: SQLStep) throws -> [Reply<Silence, Never>] {
        var closed: Set<UUID> = []
        for part in BoundedList.parts(of: events.compactMap { $0.subject }) {
            let closing: SQLStatement =
                """
                UPDATE \(table: table) SET settled = \(true), updated_at = \(step.now.milliseconds)
                WHERE settled = \(false) AND subject IN (\(list: part)) AND state NOT IN (\(list: open)) RETURNING subject
                """
            if step.isDecisive {
                closed.formUnion(try tell(of: step.transaction.rows(closing), in: step))
            } else {
                try step.transaction.later(closing) { _ = try tell(of: $0, in: step) }
            }
            try step.transaction.later(
                "DELETE FROM saga_inbox WHERE consumer = \(service.name) AND subject IN (\(list: part))", changing: nil)
        }
        return events.map { event in
            guard let subject = event.subject else { return .ignore(.notExpected) }
            return step.isDecisive && !closed.contains(subject) ? .ignore(.duplicate) : .accept(Silence())
        }
    }

    private func tell(of rows: [SQLRow], in step: SQLStep) throws -> [UUID] {
        let subjects = try rows.map { try $0.uuid("subject") }
        step.transaction.announce(Outbox.Closed(subjects, of: service))
        return subjects
    }
}

/// Sends again what a service's outbox still holds of subjects.
public struct RequeueOutbox<Request: Event>: BatchReaction {
    /// Nothing follows from it.
    public typealias Accepted = Silence
    /// It refuses nothing.
    public typealias Rejected = Never
    /// The request to send again.
    public typealias Input = Request
    /// A transaction of the SQL port.
    public typealias Transaction = any SQLTransaction

    /// Its stable name, with the type it reacts to.
    public static var id: ReactionID { "saga.requeue-outbox.\(Request.type.name)" }
    let service: ServiceID

    /// A reaction for the outbox rows that `service` emitted.
    public init(of service: ServiceID) { self.service = service }

    /// See ``BatchReaction``.
    public func react(toAll events: [Request], in step: SQLStep) throws -> [Reply<Silence, Never>] {
        let requeued = try Outbox.requeue(
            events.compactMap { $0.subject }, of: service, except: Request.type, in: step.transaction)
        return events.map { event in
            event.subject.map(requeued.contains) == true ? .accept(Silence()) : .ignore(.notExpected)
        }
    }
}
