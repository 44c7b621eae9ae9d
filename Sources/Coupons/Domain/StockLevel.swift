import PurchaseContracts
import SagaChoreography

/// What others are told when copies were issued: that, and that few or none are left, if this issue is what made it so.
public typealias IssueNotice = Both<CouponIssued, StockNotice?>

/// Few copies are left, or none.
public typealias StockNotice = Either<CouponLowStock, CouponOutOfStock>

/// How many copies of a coupon are issued of how many.
struct StockLevel: Sendable, Hashable {
    let issued: Int64
    let total: Int64

    var remaining: Int64 { total - issued }

    /// A tenth or less is left.
    var isLow: Bool {
        // Divided, not multiplied: no quantity overflows.
        remaining <= total / 10
    }

    /// What is to be told of `coupon` now, if it was not so `before`. The copies issued only grow and the change is made
    /// under the coupon's lock, so each crossing is seen by exactly one transaction, and nothing has to be remembered.
    func notice(of coupon: CouponID, before: StockLevel) -> StockNotice? {
        if remaining == 0 {
            return before.remaining == 0
                ? nil : .second(CouponOutOfStock(couponID: coupon, totalQuantity: total))
        }
        return isLow && !before.isLow
            ? .first(CouponLowStock(couponID: coupon, remaining: remaining, totalQuantity: total)) : nil
    }
}
