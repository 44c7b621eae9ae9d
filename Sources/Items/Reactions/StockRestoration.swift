import PurchaseContracts
import SagaChoreography
import SagaSQL

/// The undo that every restoring reaction shares.
struct StockRestoration {
    enum Outcome {
        /// Pieces went back, or a tombstone was left.
        case undone
        /// There was nothing left to undo.
        case undoneBefore
    }

    let holds: HoldStore
    private let stock: StockStore

    init(_ step: SQLStep) {
        holds = HoldStore(step)
        stock = StockStore(step)
    }

    /// Brings an order into an undone state.
    ///
    /// - Throws: ``SagaFault`` `.alarm` if its pieces are sold.
    func undo(_ order: OrderFacts, because cause: Cause) throws -> Outcome {
        switch try holds.states(of: [order.id])[order.id] {
        case nil:
            try holds.openUnheld(order, as: .tombstone, because: cause)
            return .undone
        case .held:
            let pieces = try holds.pieces(of: order.id)
            try holds.leaveHeld(order.id, to: .restored, because: cause)
            try stock.restore(pieces)
            return .undone
        case .restored, .rejected, .tombstone: return .undoneBefore
        case .sold, .restocked: throw SagaFault.alarm("order \(order.id) is to be undone, but its stock is sold")
        }
    }
}
