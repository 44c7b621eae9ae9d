import PurchaseContracts
import SQLCore
import SagaChoreography

extension CouponQueries {
    /// Figures of one coupon, or of all.
    ///
    /// - Parameters:
    ///   - coupon: `nil` for all.
    ///   - days: how many days (UTC), today included, are told one by one.
    /// - Throws: ``SQLError``.
    public func statistics(of coupon: CouponID? = nil, days: Int64, at now: Timestamp) throws -> CouponStatistics {
        let store = StatisticsStore(transaction: transaction, coupon: coupon, now: now)
        return CouponStatistics(
            figures: try store.figures(), days: try store.days(since: now + .seconds(-86_400 * (days - 1))))
    }

    /// The coupons used most often.
    ///
    /// - Throws: ``SQLError``.
    public func mostUsed(limit: Int, at now: Timestamp) throws -> [CouponUsage] {
        try StatisticsStore(transaction: transaction, coupon: nil, now: now).mostUsed(limit: limit)
    }
}
