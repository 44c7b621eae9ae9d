import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The row per refund. The order's own row is locked before it, and says the same of the refund that counts.
struct GoodsReturnStore {
    private let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }

    init(_ step: SQLStep) { self.step = step }

    /// What became of a refund; `nil` if Inventory never heard of it.
    func state(of refund: RefundID) throws -> GoodsReturnState? {
        try transaction.first("SELECT state FROM inventory_returns WHERE refund_id = \(refund)")?
            .value("state", as: GoodsReturnState.self)
    }

    /// - Throws: ``SQLError`` `.busy` if another transaction inserted the row first.
    func open(_ refund: RefundID, of order: OrderID, as state: GoodsReturnState) throws {
        let now = step.now.milliseconds
        let inserted = try transaction.changesOne(
            """
            INSERT INTO inventory_returns (refund_id, order_id, state, created_at, updated_at)
            VALUES (\(refund), \(order), \(state.rawValue), \(now), \(now)) ON CONFLICT (refund_id) DO NOTHING
            """)
        guard inserted else { throw SQLError(.busy, "inventory_returns: another transaction inserted the row first") }
    }

    /// RETURNING → an end.
    func close(_ refund: RefundID, as state: GoodsReturnState) throws {
        let closed = try transaction.changesOne(
            """
            UPDATE inventory_returns SET state = \(state.rawValue), updated_at = \(step.now.milliseconds)
            WHERE refund_id = \(refund) AND state = 'RETURNING'
            """)
        guard closed else { throw SQLError(.busy, "inventory_returns: the row left RETURNING meanwhile") }
    }
}
