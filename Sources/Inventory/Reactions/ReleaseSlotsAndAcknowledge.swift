import PurchaseContracts
import SagaChoreography
import SagaSQL

/// The order ended undone → the slots are given back; inventory.rollback says so in every undone state, however often the
/// event comes, because Orders waits for it.
struct ReleaseSlotsAndAcknowledge<Trigger: OrderUndone>: Compensation {
    static var id: ReactionID { "inventory.release-slots.\(Trigger.type.name)" }  // Inbox key: never rename.
    static var undoes: [ReactionID] { [ReserveSlots.id] }

    func react(to event: Trigger, in step: SQLStep) throws -> Reply<InventoryRollback, Never> {
        try SlotsRelease(step).release(event.order, because: Trigger.type)
        return .accept(InventoryRollback(order: event.order))
    }
}
