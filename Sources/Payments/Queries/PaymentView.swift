import PurchaseContracts
import SagaChoreography

/// An order's payment as its user may see it.
public struct PaymentView: Sendable, Hashable {
    /// How far it has come, as clients know it.
    public enum Status: String, Sendable, Hashable, CaseIterable {
        case processing = "PROCESSING"
        case captured = "CAPTURED"
        case declined = "DECLINED"
        /// An admin refunds the order, and the gateway has not answered yet.
        case refunding = "REFUNDING"
        case refunded = "REFUNDED"
        /// Cancelled before any money moved.
        case cancelled = "CANCELLED"
    }

    public let orderID: OrderID
    public let userID: UserID
    public let status: Status
    /// What is or was to be paid.
    public let amount: Money
    public let currency: Currency
    /// The wallet is the only instrument.
    public let method: String
    /// When it was decided; while it is not, when it began.
    public let when: Timestamp
    /// Why no money moved, or was given back.
    public let failure: PaymentFailure?

    /// - Parameter isRefundedByAdmin: whether a refund of the completed order gave the money back, and no cancellation.
    init(_ payment: Payment, isRefundedByAdmin: Bool) {
        orderID = payment.order.id
        userID = payment.order.userID
        amount = payment.order.final
        currency = payment.order.currency
        method = "wallet"
        when = payment.decidedAt ?? payment.createdAt
        switch payment.state {
        case .processing: (status, failure) = (.processing, nil)
        case .captured: (status, failure) = (.captured, nil)
        case .declined: (status, failure) = (.declined, payment.cancel ?? .declined)
        case .refunding: (status, failure) = (.refunding, nil)
        // A cancellation that the gateway refused to give back for has nothing to do with it.
        case .refunded: (status, failure) = (.refunded, isRefundedByAdmin ? nil : payment.cancel)
        case .tombstone: (status, failure) = (.cancelled, payment.cancel)
        }
    }
}
