import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Gives a user his copy of a coupon: one more issued, one copy a user.
struct CouponIssuing {
    let step: SQLStep

    init(_ step: SQLStep) { self.step = step }

    /// A copy that was issued, and what is to be told of it.
    struct Issue {
        let copy: UserCoupon
        let notice: IssueNotice
    }

    /// - Parameters:
    ///   - key: the idempotency key of a claim.
    ///   - refusal: why the coupon's rule forbids it, if it does.
    /// - Returns: the copy, or why there is none; nothing is changed then.
    func issue(
        _ coupon: Coupon, to user: UserID, _ way: CouponIssued.Way, under key: String? = nil, unless refusal: Refusal?
    ) throws -> Result<Issue, Refused> {
        if let refusal { return .failure(Refused(refusal)) }
        // The coupon's row first: whoever else wants a copy waits here.
        guard let level = try CouponStore(step.transaction).countIssue(of: coupon.id, at: step.now) else {
            return .failure(Refused(Refusal(.couponOutOfStock)))
        }
        let copy = Self.copy(of: coupon, for: user, id: UserCouponID(step.ids.next()), at: step.now)
        guard try UserCouponStore(step.transaction).insert(copy, claimedUnder: key) else {
            // Looked up before: only a concurrent transaction can have been first. Rolls the count back.
            throw SQLError(.busy, "coupons_user_coupons: the user got a copy meanwhile")
        }
        return .success(Issue(copy: copy, notice: Self.notice(of: [copy], of: coupon.id, way, level)))
    }

    /// Gives each of `users` a copy who has none, in their order, as long as there are copies; one statement for all.
    ///
    /// - Parameter coupon: read under its lock in this transaction.
    func issue(_ coupon: Coupon, toAll users: [UserID], _ way: CouponIssued.Way) throws -> SetIssue {
        let store = UserCouponStore(step.transaction)
        let owners = try store.owners(of: coupon.id, among: users)
        let wanting = users.filter { !owners.contains($0) }
        let served = wanting.prefix(Int(clamping: coupon.remaining))
        let copies = served.map {
            Self.copy(of: coupon, for: $0, id: UserCouponID(step.ids.next()), at: step.now)
        }
        var issue = SetIssue(copies: copies, owners: owners, unserved: Array(wanting.dropFirst(copies.count)))
        guard !copies.isEmpty else { return issue }
        guard
            let level = try CouponStore(step.transaction).countIssue(
                of: coupon.id, by: Int64(copies.count), at: step.now),
            try store.insert(all: copies) == copies.count
        else { throw SQLError(.busy, "coupons_coupons: copies were issued meanwhile") }
        issue.notice = Self.notice(of: copies, of: coupon.id, way, level)
        return issue
    }

    private static func copy(
        of coupon: Coupon, for user: UserID, id: UserCouponID, at now: Timestamp
    ) -> UserCoupon {
        UserCoupon(
            id: id, couponID: coupon.id, userID: user, status: .active,
            period: coupon.rule.validity.period(issuedAt: now), issuedAt: now, orderID: nil)
    }

    private static func notice(
        of copies: [UserCoupon], of coupon: CouponID, _ way: CouponIssued.Way, _ level: StockLevel
    ) -> IssueNotice {
        let before = StockLevel(issued: level.issued - Int64(copies.count), total: level.total)
        return Both(
            CouponIssued(
                couponID: coupon, way: way,
                copies: copies.map { .init(id: $0.id, userID: $0.userID, expiresAt: $0.period.until) },
                remaining: level.remaining),
            level.notice(of: coupon, before: before))
    }
}

/// What became of an issue to several users.
struct SetIssue {
    let copies: [UserCoupon]
    /// Who had a copy before.
    let owners: Set<UserID>
    /// For whom none was left, in order.
    let unserved: [UserID]
    /// `nil` if nobody got a copy.
    var notice: IssueNotice?
}
