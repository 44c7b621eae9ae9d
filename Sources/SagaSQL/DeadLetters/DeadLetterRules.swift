import FoundationEssentials
import SQLCore
import SagaChoreography

/// What has to be known of a system to decide about its parked messages.
public struct DeadLetterRules: Sendable {
    /// Who handles events.
    public let participants: [SQLParticipant]
    /// The table in which each service says which sagas are settled for it, see ``StateTable``.
    public let stateTables: [ServiceID: String]
    /// Events that act on a saga which was settled, and open it again: by consumer, the states in which they do. In any other state a
    /// settled saga has seen its end of them, and of a further copy nothing would come.
    public let reopening: [EventType: [ServiceID: Set<String>]]
    /// What an event of a type about a saga must have said; `nil` if nobody knows.
    public let known: @Sendable (EventType, UUID, ServiceDatabases) async throws -> (any Event)?
    /// Whether an event says of its saga what is known to be otherwise: nobody may put into the world by an edit what never happened.
    public let contradicts: @Sendable (any Event, ServiceDatabases) async throws -> Bool

    /// Takes what its properties say.
    public init(
        participants: [SQLParticipant], stateTables: [ServiceID: String],
        reopening: [EventType: [ServiceID: Set<String>]] = [:],
        known: @escaping @Sendable (EventType, UUID, ServiceDatabases) async throws -> (any Event)? = { _, _, _ in nil
        },
        contradicts: @escaping @Sendable (any Event, ServiceDatabases) async throws -> Bool = { _, _ in false }
    ) {
        self.participants = participants
        self.stateTables = stateTables
        self.reopening = reopening
        self.known = known
        self.contradicts = contradicts
    }

    func participant(_ service: ServiceID) throws -> SQLParticipant {
        guard let participant = participants.first(where: { $0.service == service }) else {
            throw DeadLetterRefusal.unknownConsumer
        }
        return participant
    }

    /// Whether a message's saga is settled for its consumer, so that it can change nothing there.
    func isSettled(_ message: ParkedMessage, in transaction: any SQLTransaction) throws -> Bool {
        guard let subject = message.subject, let table = stateTables[message.consumer],
            let row = try transaction.first("SELECT settled, state FROM \(table: table) WHERE subject = \(subject)"),
            try row.bool("settled")
        else { return false }
        guard let reopened = reopening[message.type] else { return true }
        // Whoever is not named may be acted on at any time.
        guard let states = reopened[message.consumer] else { return false }
        return !states.contains(try row.text("state"))
    }
}

extension LoneDelivery<SQLSagaStore> {
    /// Handles the message it was made of, leaves no inbox row, and makes sure that the database has seen everything.
    ///
    /// - Throws: what the reaction throws; ``SQLError``.
    func decide(_ message: ParkedMessage, at now: Timestamp, in transaction: any SQLTransaction) throws
        -> DeliveryReport
    {
        let inbox: SQLStatement =
            """
            SELECT 1 AS one FROM saga_inbox WHERE consumer = \(message.consumer.name) AND event_id = \(message.eventID)
            """
        let wasThere = try transaction.first(inbox) != nil
        let report = try handle(at: now, in: transaction)
        // Also because changes may wait for the next statement.
        let isThere = try transaction.first(inbox) != nil
        if isThere, !wasThere {
            try transaction.execute(
                """
                DELETE FROM saga_inbox WHERE consumer = \(message.consumer.name) AND event_id = \(message.eventID)
                """)
        }
        return report
    }
}
