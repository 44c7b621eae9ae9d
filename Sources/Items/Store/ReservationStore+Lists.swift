import PurchaseContracts
import SQLCore

extension ReservationStore {
    /// Newest first.
    func reservations(
        status: ReservationStatus?, item: ItemID?, before last: ReservationID, limit: Int
    ) throws -> [Reservation] {
        try transaction.rows(statement(status, item, last, limit)).map(Reservation.init(row:))
    }

    private func statement(
        _ status: ReservationStatus?, _ item: ItemID?, _ last: ReservationID, _ limit: Int
    ) -> SQLStatement {
        let (state, excluded, cause) = Self.conditions(status)
        if status == .reserved {
            // There are as many as orders under way: they are found by their own index, and SQLite begins with them because of the CROSS
            // JOIN. Bounds that let everything through stand for an item that is not asked for.
            let first = item ?? ItemID(.init(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))
            let most = item ?? ItemID.last
            return """
                SELECT r.id, r.order_id, r.item_id, r.quantity, r.created_at, r.cancel_requested_at,
                    s.user_id, s.state, s.cause
                FROM items_saga s CROSS JOIN items_reservations r
                WHERE r.order_id = s.subject AND s.state = 'HELD' AND NOT s.settled
                    AND r.id < \(last) AND r.item_id >= \(first) AND r.item_id <= \(most)
                ORDER BY r.id DESC LIMIT \(limit)
                """
        }
        // Not with such bounds here: for their sake the index of items would be walked from end to end, and all of it sorted.
        guard let item else {
            return """
                SELECT r.id, r.order_id, r.item_id, r.quantity, r.created_at, r.cancel_requested_at,
                    s.user_id, s.state, s.cause
                FROM items_reservations r JOIN items_saga s ON s.subject = r.order_id
                WHERE r.id < \(last)
                    AND s.state LIKE \(state) AND s.state NOT IN (\(list: excluded))
                    AND COALESCE(s.cause, '') LIKE \(cause)
                    AND (\(status != .cancelled) OR COALESCE(s.cause, '') <> 'deadline')
                ORDER BY r.id DESC LIMIT \(limit)
                """
        }
        return """
            SELECT r.id, r.order_id, r.item_id, r.quantity, r.created_at, r.cancel_requested_at,
                s.user_id, s.state, s.cause
            FROM items_reservations r JOIN items_saga s ON s.subject = r.order_id
            WHERE r.id < \(last) AND r.item_id = \(item)
                AND s.state LIKE \(state) AND s.state NOT IN (\(list: excluded))
                AND COALESCE(s.cause, '') LIKE \(cause)
                AND (\(status != .cancelled) OR COALESCE(s.cause, '') <> 'deadline')
            ORDER BY r.id DESC LIMIT \(limit)
            """
    }

    /// As ``ReservationStatus/init(_:cause:)`` has it.
    private static func conditions(_ status: ReservationStatus?) -> (state: String, excluded: [String], cause: String) {
        switch status {
        case nil: ("%", ["-"], "%")
        case .reserved: (HoldState.held.rawValue, ["-"], "%")
        case .confirmed: ("%", HoldState.allCases.filter { !$0.wasSold }.map(\.rawValue), "%")
        case .expired: ("%", unended, Cause.deadline.rawValue)
        case .cancelled: ("%", unended, "%")
        }
    }

    /// The states of what was not given back before it was sold.
    private static let unended = HoldState.allCases.filter { $0 == .held || $0.wasSold }.map(\.rawValue)
}
