import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Accounts and wallets. The wallet is the customer's stored value: it is held, then captured or released.
///
/// Its commands (``CreateUser``, ``EnsureUser``, ``Deposit``, ``SetActive``) emit nothing and are audited instead.
public enum UsersParticipant {
    /// The service's name and consumer group.
    public static let service: ServiceID = "users"

    /// Everything that Users reacts to.
    public static func make() -> SQLParticipant {
        SQLParticipant(service: service) {
            HoldFunds()
            CaptureFunds()
            ReleaseFunds<InventoryReservationFailed>()
            ReleaseFunds<ItemReservationFailed>()
            ReleaseFunds<PaymentFailed>()
            ReleaseFundsAndAcknowledge<OrderFailed>()
            ReleaseFundsAndAcknowledge<OrderCancelled>()
            CreditFunds()
            CloseState<OrderSettled>(of: service, in: WalletHoldStore.table)
            RequeueOutbox<OrderResync>(of: service)
        }
    }
}
