import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Coupons: discount rules and each user's copies. It validates and holds a copy for an order, then spends or releases it.
public enum CouponsParticipant {
    public static let service: ServiceID = "coupons"

    public static func make() -> SQLParticipant {
        SQLParticipant(
            service: service,
            commands: [
                .init(CreateCoupon.self),
                .init(ChangeCoupon.self),
                .init(SetCouponActive.self),
                .init(IssueCoupon.self),
                .init(IssueCoupons.self),
                .init(IssueToEveryone.self),
                .init(CountIssueJob.self),
                .init(IssueBatch.self),
                .init(ClaimCoupon.self),
                .init(ExpireCopies.self),
                .init(WarnOfExpiry.self),
            ]
        ) {
            HoldCoupon()
            SpendCoupon()
            ReleaseCoupon<OrderFailed>()
            ReleaseCoupon<OrderCancelled>()
            CloseState<OrderSettled>(of: service, in: HoldStore.tableName)
            RequeueOutbox<OrderResync>(of: service)
        }
    }
}
