import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// Reserved lines as managers see them, and their requests to cancel one.
struct ReservationStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    func reservation(_ id: ReservationID) throws -> Reservation? {
        try transaction.first(
            """
            SELECT r.id, r.order_id, r.item_id, r.quantity, r.created_at, r.cancel_requested_at,
                s.user_id, s.state, s.cause
            FROM items_reservations r JOIN items_saga s ON s.subject = r.order_id WHERE r.id = \(id)
            """
        ).map(Reservation.init(row:))
    }

    /// In the order of their ids.
    func reservations(ofOrder order: OrderID) throws -> [Reservation] {
        try transaction.rows(
            """
            SELECT r.id, r.order_id, r.item_id, r.quantity, r.created_at, r.cancel_requested_at,
                s.user_id, s.state, s.cause
            FROM items_reservations r JOIN items_saga s ON s.subject = r.order_id
            WHERE r.order_id = \(order) ORDER BY r.id
            """
        ).map(Reservation.init(row:))
    }

    /// Locks an order's row and reads its facts; `nil` unless it is HELD.
    func factsOfHeld(_ order: OrderID) throws -> OrderFacts? {
        let statement: SQLStatement =
            switch transaction.dialect {
            case .sqlite: "SELECT facts FROM items_saga WHERE subject = \(order) AND facts IS NOT NULL"
            case .postgres: "SELECT facts FROM items_saga WHERE subject = \(order) AND facts IS NOT NULL FOR UPDATE"
            }
        guard let row = try transaction.first(statement) else { return nil }
        return try OrderFacts(json: try row.bytes("facts"))
    }

    /// Notes a request to cancel; `false` if one was noted before.
    func noteCancelRequest(_ id: ReservationID, by actor: UserID, reason: String, at now: Timestamp) throws -> Bool {
        try transaction.changesOne(
            """
            UPDATE items_reservations
            SET cancel_requested_at = \(now.milliseconds), cancel_requested_by = \(actor), cancel_reason = \(reason)
            WHERE id = \(id) AND cancel_requested_at IS NULL
            """)
    }
}

extension Reservation {
    init(row: SQLRow) throws {
        let cause = try row.isNull("cause") ? nil : try row.value("cause", as: Cause.self)
        self.init(
            id: ReservationID(try row.uuid("id")), orderID: OrderID(try row.uuid("order_id")),
            userID: UserID(try row.uuid("user_id")), itemID: ItemID(try row.uuid("item_id")),
            quantity: try row.int64("quantity"),
            status: ReservationStatus(try row.value("state", as: HoldState.self), cause: cause),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            cancelRequestedAt: try row.optionalInt64("cancel_requested_at").map(Timestamp.init(milliseconds:)))
    }
}
