import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Orders: where a purchase begins and ends. It keeps the status, the deadline and the first cause of each order.
public enum OrdersParticipant {
    public static let service: ServiceID = "orders"
    /// The table that says which orders are settled.
    public static let stateTable = OrderStore.tableName

    /// Orders settles its own row when it emits order.settled, and sends its own rows again when it emits order.resync: it
    /// subscribes to neither.
    public static func make() -> SQLParticipant {
        SQLParticipant(
            service: service,
            commands: [
                .init(PlaceOrder.self),
                .init(CancelOrder.self),
                .init(ExpireOrders.self),
                .init(ResyncOrders.self),
                .init(ResyncOrder.self),
                .init(OpenRefund.self),
            ]
        ) {
            BeginOrder()
            FailOrderWithoutCoupon()

            FailOrder<UserValidationFailed>()
            FailOrder<InventoryReservationFailed>()
            FailOrder<ItemReservationFailed>()
            FailUnpaidOrder()
            CancelReservedOrder()

            ConfirmOrder()
            NoteConfirmation<PaymentConfirmed>()
            NoteConfirmation<InventoryConfirmed>()
            NoteConfirmation<ItemDeducted>()

            NoteAcknowledgement<CouponUsed>()
            NoteAcknowledgement<PaymentRollback>()
            NoteAcknowledgement<InventoryRollback>()
            NoteAcknowledgement<ItemRestored>()
            NoteAcknowledgement<CouponReleased>()

            FailRefund<InventoryReturnRefused>()
            FailRefund<InventoryReturnCancelled>()
            NoteRefund<InventoryReturned>()
            NoteRefund<ItemRestocked>()
            NoteRefund<WalletCredited>()

            KeepCatalog<ItemCreated>()
            KeepCatalog<ItemChanged>()
        }
    }
}
