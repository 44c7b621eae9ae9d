import PurchaseContracts
import SQLCore

/// How many reservations there are, by what became of them.
public struct ReservationStatistics: Sendable, Hashable {
    public internal(set) var counts: [ReservationStatus: Int64] = [:]

    public var total: Int64 { counts.values.reduce(0, +) }

    public subscript(status: ReservationStatus) -> Int64 { counts[status] ?? 0 }
}

extension ItemQueries {
    /// Reservations, newest first.
    ///
    /// - Parameters:
    ///   - status: only those of this status; those that are reserved are found without looking at others.
    ///   - last: the last one of the page before.
    /// - Throws: ``SQLError``.
    public func reservations(
        status: ReservationStatus?, item: ItemID?, after last: ReservationID?, limit: Int
    ) throws -> [Reservation] {
        try ReservationStore(transaction).reservations(
            status: status, item: item, before: last ?? .last, limit: limit)
    }

    /// Counts all reservations, which takes time in proportion to their number.
    ///
    /// - Throws: ``SQLError``.
    public func reservationStatistics() throws -> ReservationStatistics {
        let rows = try transaction.rows(
            """
            SELECT s.state, s.cause, COUNT(*) AS n
            FROM items_reservations r JOIN items_saga s ON s.subject = r.order_id GROUP BY s.state, s.cause
            """)
        var statistics = ReservationStatistics()
        for row in rows {
            let cause = try row.isNull("cause") ? nil : try row.value("cause", as: Cause.self)
            let status = ReservationStatus(try row.value("state", as: HoldState.self), cause: cause)
            statistics.counts[status, default: 0] += try row.int64("n")
        }
        return statistics
    }
}
