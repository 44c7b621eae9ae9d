import PurchaseContracts
import SQLCore
import SagaChoreography

extension OrderStore {
    /// The next deadline of an order that nobody asked to be undone yet.
    func nextDeadline() throws -> Timestamp? {
        try transaction.first(
            """
            SELECT deadline FROM orders_orders
            WHERE state IN ('PENDING', 'PROCESSING') AND cancel_cause IS NULL AND NOT settled
            ORDER BY deadline LIMIT 1
            """
        ).map { Timestamp(milliseconds: try $0.int64("deadline")) }
    }

    /// Orders past their deadline that nobody asked to be undone yet, the longest overdue first.
    func overdue(at now: Timestamp, limit: Int) throws -> [OrderID] {
        try transaction.rows(
            """
            SELECT subject FROM orders_orders
            WHERE state IN ('PENDING', 'PROCESSING') AND cancel_cause IS NULL AND NOT settled
                AND deadline <= \(now.milliseconds)
            ORDER BY deadline, subject LIMIT \(limit: limit)
            """
        ).map { OrderID(try $0.uuid("subject")) }
    }

    /// How many orders are not settled and have a deadline behind that time; more than `most` are not counted.
    func underWay(dueAfter time: Timestamp, atMost most: Int) throws -> Int {
        try transaction.first(
            """
            SELECT COUNT(*) AS n FROM (
                SELECT 1 FROM orders_orders WHERE NOT settled AND deadline > \(time.milliseconds) LIMIT \(most)
            ) AS open
            """
        )?.int("n") ?? 0
    }

    /// The next time at which an unsettled order is looked at.
    func nextResync() throws -> Timestamp? {
        try transaction.first("SELECT resync_at FROM orders_orders WHERE NOT settled ORDER BY resync_at LIMIT 1")
            .map { Timestamp(milliseconds: try $0.int64("resync_at")) }
    }

    /// An unsettled order that is to be looked at.
    struct Unsettled {
        let id: OrderID
        let progressedAt: Timestamp
        let schedule: ResyncSchedule
    }

    func unsettled(dueAt now: Timestamp, limit: Int) throws -> [Unsettled] {
        try transaction.rows(
            """
            SELECT subject, updated_at, resync_count, resynced_at FROM orders_orders
            WHERE NOT settled AND resync_at <= \(now.milliseconds) ORDER BY resync_at, subject LIMIT \(limit: limit)
            """
        ).map { row in
            Unsettled(
                id: OrderID(try row.uuid("subject")),
                progressedAt: Timestamp(milliseconds: try row.int64("updated_at")),
                schedule: ResyncSchedule(
                    count: try row.int("resync_count"),
                    resyncedAt: try row.optionalInt64("resynced_at").map { Timestamp(milliseconds: $0) }))
        }
    }

    /// The schedule of an order that is there.
    func resyncSchedule(of id: OrderID) throws -> ResyncSchedule {
        let row = try transaction.first("SELECT resync_count, resynced_at FROM orders_orders WHERE subject = \(id)")
        return ResyncSchedule(
            count: try row?.int("resync_count") ?? 0,
            resyncedAt: try row?.optionalInt64("resynced_at").map { Timestamp(milliseconds: $0) })
    }

    /// Keeps the schedule of an order; `updated_at` stays, for a resync is no progress.
    func reschedule(_ id: OrderID, _ schedule: ResyncSchedule, at due: Timestamp) throws {
        try transaction.later(
            """
            UPDATE orders_orders SET resync_count = \(schedule.count),
                resynced_at = \(schedule.resyncedAt?.milliseconds), resync_at = \(due.milliseconds)
            WHERE subject = \(id)
            """, changing: nil)
    }
}
