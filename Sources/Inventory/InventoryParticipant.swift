import PurchaseContracts
import SagaChoreography
import SagaSQL

/// What users own, and the slots it takes. A slot is a distinct item that a user owns or has reserved.
public enum InventoryParticipant {
    /// The service's name and consumer group.
    public static let service: ServiceID = "inventory"

    /// Everything that Inventory reacts to.
    public static func make() -> SQLParticipant {
        SQLParticipant(service: service) {
            ReserveSlots()
            GrantGoods()
            ReleaseSlots<ItemReservationFailed>()
            ReleaseSlots<PaymentFailed>()
            ReleaseSlotsAndAcknowledge<OrderFailed>()
            ReleaseSlotsAndAcknowledge<OrderCancelled>()

            HoldReturn()
            CancelReturn()
            TakeGoodsBack()

            CloseState<OrderSettled>(of: service, in: GoodsHoldStore.table, unless: [GoodsHoldState.returning.rawValue])
            RequeueOutbox<OrderResync>(of: service)
        }
    }
}
