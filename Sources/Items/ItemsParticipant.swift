import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Items: the catalogue and its stock. It reserves an order's lines, all or none, gives them back or counts them as sold.
public enum ItemsParticipant {
    public static let service: ServiceID = "items"

    public static func make() -> SQLParticipant {
        SQLParticipant(
            service: service,
            commands: [
                .init(CreateItem.self),
                .init(EnsureItem.self),
                .init(ChangeItem.self),
                .init(SetStock.self),
                .init(RequestReservationCancel.self),
            ]
        ) {
            ReserveStock()
            SellStock()
            RestoreStock<PaymentFailed>()
            RestoreStockAndAcknowledge<OrderFailed>()
            RestoreStockAndAcknowledge<OrderCancelled>()
            RestockGoods()
            CloseState<OrderSettled>(of: service, in: HoldStore.tableName)
            RequeueOutbox<OrderResync>(of: service)
        }
    }
}
