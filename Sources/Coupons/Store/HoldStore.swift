import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The state row of each order that has a coupon, and the log of what was used on it.
struct HoldStore {
    static let tableName = "coupons_saga"
    static let table = StateTable<HoldState>(tableName)

    let transaction: any SQLTransaction
    let now: Timestamp

    init(_ step: SQLStep) {
        transaction = step.transaction
        now = step.now
    }

    /// Locks and reads an order's state; `nil` if this service never touched it.
    func state(of order: OrderID) throws -> HoldState? { try Self.table.state(of: order.uuid, in: transaction) }

    /// Inserts the row of an order that holds a copy, and the usage, not confirmed yet. `order` carries the discount.
    func openHeld(_ order: OrderFacts, copy: UserCouponID) throws {
        try open(order, as: .held, copy: copy, discount: order.discount)
        try transaction.execute(
            """
            INSERT INTO coupons_usage (order_id, user_coupon_id, original, discount, final, used_at, is_confirmed)
            VALUES (\(order.id), \(copy), \(order.total), \(order.discount), \(order.final), \(now.milliseconds),
                \(false))
            """)
    }

    /// Inserts the row of an order that holds no copy.
    func openUnheld(_ order: OrderFacts, as state: HoldState) throws { try open(order, as: state) }

    private func open(
        _ order: OrderFacts, as state: HoldState, copy: UserCouponID? = nil, discount: Money? = nil
    ) throws {
        let inserted = try transaction.changesOne(
            """
            INSERT INTO coupons_saga
                (subject, state, settled, created_at, updated_at, user_id, user_coupon_id, discount)
            VALUES (\(order.id), \(state.rawValue), \(false), \(now.milliseconds), \(now.milliseconds),
                \(order.userID), \(copy), \(discount))
            ON CONFLICT (subject) DO NOTHING
            """)
        guard inserted else { throw SQLError(.busy, "coupons_saga: another transaction inserted the row first") }
    }

    /// HELD → RELEASED; what was never used leaves the log.
    func release(_ order: OrderID) throws {
        try Self.table.move(order.uuid, from: .held, to: .released, at: now, in: transaction)
        try transaction.execute("DELETE FROM coupons_usage WHERE order_id = \(order)")
    }

    /// HELD → USED; the usage is confirmed.
    func spend(_ order: OrderID) throws {
        try Self.table.move(order.uuid, from: .held, to: .used, at: now, in: transaction)
        try transaction.execute(
            """
            UPDATE coupons_usage SET is_confirmed = \(true), used_at = \(now.milliseconds)
            WHERE order_id = \(order) AND is_confirmed = \(false)
            """)
    }
}
