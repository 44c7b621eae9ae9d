import PurchaseContracts
import SagaChoreography
import SagaSQL

/// The arbiter: only Payments knows whether money moved, so it alone decides whether an order passes the pivot.
public enum PaymentsParticipant {
    /// The service's name and consumer group.
    public static let service: ServiceID = "payments"

    /// Everything that Payments reacts to and emits.
    ///
    /// - Parameter desk: where the process's payment workers wait; `nil`: nobody waits here.
    public static func make(desk: GatewayDesk? = nil) -> SQLParticipant {
        SQLParticipant(
            service: service,
            commands: [
                .init(RecordGatewayAnswers.self), .init(RecordGatewayEvent.self),
            ]
        ) {
            BeginPayment(desk: desk)
            CancelPayment()
            BeginRefund()
            CloseState<OrderSettled>(of: service, in: PaymentStore.table, unless: [PaymentState.refunding.rawValue])
            RequeueOutbox<OrderResync>(of: service)
        }
    }
}
