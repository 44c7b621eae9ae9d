import PurchaseContracts
import SagaChoreography

/// What a coupon gives, to which lines, how often and how long.
public struct CouponRule: Sendable, Hashable {
    /// What a user types: ASCII letters, digits, `-` and `_`, read without regard to case.
    public var code: String?
    public var discount: Discount
    /// Compared with the total before the discount.
    public var minOrderAmount: Money
    public var scope: CouponScope
    /// How many copies may be issued.
    public var totalQuantity: Int64
    public var validity: CouponValidity

    public init(
        code: String? = nil, discount: Discount, minOrderAmount: Money = .zero, scope: CouponScope = .all,
        totalQuantity: Int64, validity: CouponValidity = .standard
    ) {
        self.code = code
        self.discount = discount
        self.minOrderAmount = minOrderAmount
        self.scope = scope
        self.totalQuantity = totalQuantity
        self.validity = validity
    }

    /// - Throws: ``CouponsRefusal`` `.invalid` with the first field that is out of bounds.
    func check() throws(CouponsRefusal) {
        if let code {
            let isPlain = code.utf8.allSatisfy {
                (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 45 || $0 == 95
            }
            guard isPlain, (1...64).contains(code.utf8.count) else { throw .invalid(field: "code") }
        }
        switch discount {
        case .percentage(let basisPoints, let cap):
            guard (1...Discount.whole).contains(basisPoints) else { throw .invalid(field: "discountValue") }
            guard cap.map({ $0 > .zero }) ?? true else { throw .invalid(field: "maxDiscountAmount") }
        case .fixed(let value):
            guard value > .zero else { throw .invalid(field: "discountValue") }
        }
        guard minOrderAmount >= .zero else { throw .invalid(field: "minOrderAmount") }
        guard !scope.isEmpty else { throw .invalid(field: "applicableTargetIds") }
        guard totalQuantity > 0 else { throw .invalid(field: "totalQuantity") }
        guard validity.isSound else { throw .invalid(field: "validityType") }
    }
}

/// The lines that a coupon reduces.
public enum CouponScope: Sendable, Hashable {
    case all
    case categories(Set<CategoryID>)
    case items(Set<ItemID>)

    /// Whether a line is reduced.
    public func covers(_ line: OrderLine) -> Bool {
        switch self {
        case .all: true
        case .categories(let categories): line.categoryID.map(categories.contains) ?? false
        case .items(let items): items.contains(line.itemID)
        }
    }

    var isEmpty: Bool {
        switch self {
        case .all: false
        case .categories(let categories): categories.isEmpty
        case .items(let items): items.isEmpty
        }
    }
}

/// How long a copy may be used.
public enum CouponValidity: Sendable, Hashable {
    /// Days of 24 hours after issue, 1…3650.
    case relative(days: Int64)
    /// From `from`, as long as it is before `until`.
    case absolute(from: Timestamp, until: Timestamp)

    /// 30 days after issue.
    public static let standard = CouponValidity.relative(days: 30)

    var isSound: Bool {
        switch self {
        case .relative(let days): (1...3650).contains(days)
        case .absolute(let from, let until): from < until
        }
    }

    /// The period of a copy issued at `time`.
    func period(issuedAt time: Timestamp) -> ValidityPeriod {
        switch self {
        case .relative(let days): ValidityPeriod(from: nil, until: time + .seconds(days * 86_400))
        case .absolute(let from, let until): ValidityPeriod(from: from, until: until)
        }
    }
}

/// When a copy may be used: from `from` (if set), as long as it is before `until`.
public struct ValidityPeriod: Sendable, Hashable {
    public let from: Timestamp?
    public let until: Timestamp

    /// Why it may not be used at `time`; `nil` if it may.
    func refusal(at time: Timestamp) -> Refusal? {
        if let from, time < from { return Refusal(.couponNotYetValid) }
        return time < until ? nil : Refusal(.couponExpired)
    }
}
