import Orders
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Why an order is where it is: what happened to it, what it waits for, since when, and what to do. From the database alone.
public struct OrderExplanation: Sendable, Codable {
    /// An event of the order that its outbox row still tells of.
    public struct Happening: Sendable, Codable {
        public let at: String
        public let service: String
        public let event: String
        /// Services that have not handled it yet.
        public let unhandledBy: [String]
    }

    /// A message that a service could not handle.
    public struct Trouble: Sendable, Codable {
        public let service: String
        public let event: String
        public let reason: String
        public let attempts: Int
        /// When it is tried again; absent if it was given up.
        public let retryAt: String?
    }

    public let order: String
    public let status: String
    public let cause: String?
    public let orderedAt: String
    public let deadline: String
    public let endedAt: String?
    public let isSettled: Bool
    public let happenings: [Happening]
    public let troubles: [Trouble]
    public let waitsFor: [String]
    public let waitsSince: String?
    /// One sentence: what it waits for, and whose turn it is.
    public let verdict: String
    /// One sentence, if there is something to do.
    public let advice: String?
}

/// Reads an ``OrderExplanation``; works beside a running server.
public struct OrderExplainer: Sendable {
    private let database: any SQLDatabase
    private let clock: any SagaClock
    private let participants: [SQLParticipant]

    public init(
        _ database: any SQLDatabase, clock: any SagaClock = SystemClock(),
        participants: [SQLParticipant] = PurchaseSystem.participants()
    ) {
        self.database = database
        self.clock = clock
        self.participants = participants
    }

    /// - Returns: `nil` if there is no such order.
    /// - Throws: ``SQLError``.
    public func explain(_ id: OrderID) async throws -> OrderExplanation? {
        let now = clock.now()
        return try await database.read { transaction in
            let orders = OrderQueries(transaction)
            guard let order = try orders.order(id) else { return nil }
            let waiting = try orders.waitsFor(id)
            let verdict = OrderVerdict(
                order: order, waiting: waiting, happenings: try happenings(of: id, in: transaction),
                troubles: try retries(of: id, in: transaction) + parked(of: id, in: transaction),
                payment: try PaymentQueries(transaction).payment(of: id), now: now,
                graph: ChoreographyGraph(participants))
            return verdict.explanation
        }
    }

    private func happenings(of id: OrderID, in transaction: any SQLTransaction) throws -> [OrderExplanation.Happening] {
        var positions: [String: Int64] = [:]
        for row in try transaction.rows("SELECT consumer, position FROM saga_positions") {
            positions[try row.text("consumer")] = try row.int64("position")
        }
        return try transaction.rows(
            "SELECT seq, type, source, time FROM saga_outbox WHERE subject = \(id) ORDER BY seq"
        ).map { row in
            let type = EventType(try row.text("type"))
            let position = try row.int64("seq")
            let late = participants.filter {
                // Nobody waits for who only watches.
                !$0.isObserver && $0.subscriptions.contains(type) && (positions[$0.service.name] ?? 0) < position
            }
            return OrderExplanation.Happening(
                at: Timestamp(milliseconds: try row.int64("time")).description, service: try row.text("source"),
                event: type.name, unhandledBy: late.map(\.service.name).sorted())
        }
    }

    private func retries(of id: OrderID, in transaction: any SQLTransaction) throws -> [OrderExplanation.Trouble] {
        try transaction.rows(
            """
            SELECT consumer, envelope, attempts, due_at, reason FROM saga_retries
            WHERE subject = \(id) ORDER BY due_at
            """
        ).map { row in
            OrderExplanation.Trouble(
                service: try row.text("consumer"),
                event: (try? Envelope(cloudEvent: try row.bytes("envelope")).type.name) ?? "unreadable",
                reason: try row.text("reason"), attempts: try row.int("attempts"),
                retryAt: Timestamp(milliseconds: try row.int64("due_at")).description)
        }
    }

    private func parked(of id: OrderID, in transaction: any SQLTransaction) throws -> [OrderExplanation.Trouble] {
        try transaction.rows(
            "SELECT consumer, type, attempts, reason FROM saga_parked WHERE subject = \(id) ORDER BY parked_at"
        ).map { row in
            OrderExplanation.Trouble(
                service: try row.text("consumer"), event: try row.text("type"), reason: try row.text("reason"),
                attempts: try row.int("attempts"), retryAt: nil)
        }
    }
}
