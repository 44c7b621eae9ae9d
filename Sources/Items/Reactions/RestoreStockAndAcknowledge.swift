import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Gives an order's pieces back, if it still has any, and always says that it has none: Orders waits for that.
struct RestoreStockAndAcknowledge<Trigger: OrderUndone>: Compensation {
    static var id: ReactionID { "items.restore-stock.\(Trigger.type.name)" }
    static var undoes: [ReactionID] { [ReserveStock.id] }

    func react(to event: Trigger, in step: SQLStep) throws -> Reply<ItemRestored, Never> {
        let restoration = StockRestoration(step)
        if try restoration.undo(event.order, because: event.cause) == .undoneBefore {
            // The first cause that Orders recorded is the order's, whatever failed here.
            try restoration.holds.setCause(event.cause, of: event.order.id)
        }
        return .accept(ItemRestored(order: event.order))
    }
}
