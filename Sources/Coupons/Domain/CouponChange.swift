import PurchaseContracts

/// What an admin changes of a coupon; what is `nil` stays as it is.
public struct CouponChange: Sendable, Hashable {
    public var isActive: Bool?
    public var code: Code?
    public var discount: Discount?
    public var minOrderAmount: Money?
    public var scope: CouponScope?
    public var totalQuantity: Int64?
    /// For copies issued from now on; a copy keeps the period that it was issued with.
    public var validity: CouponValidity?

    /// What becomes of the code.
    public enum Code: Sendable, Hashable {
        case none
        case text(String)
    }

    public init(
        isActive: Bool? = nil, code: Code? = nil, discount: Discount? = nil, minOrderAmount: Money? = nil,
        scope: CouponScope? = nil, totalQuantity: Int64? = nil, validity: CouponValidity? = nil
    ) {
        self.isActive = isActive
        self.code = code
        self.discount = discount
        self.minOrderAmount = minOrderAmount
        self.scope = scope
        self.totalQuantity = totalQuantity
        self.validity = validity
    }

    /// The rule after the change.
    func applied(to rule: CouponRule) -> CouponRule {
        var rule = rule
        switch code {
        case nil: break
        case .some(.none): rule.code = nil
        case .text(let text): rule.code = text.lowercased()
        }
        if let discount { rule.discount = discount }
        if let minOrderAmount { rule.minOrderAmount = minOrderAmount }
        if let scope { rule.scope = scope }
        if let totalQuantity { rule.totalQuantity = totalQuantity }
        if let validity { rule.validity = validity }
        return rule
    }
}

extension CouponRule {
    /// Whether copies issued under this rule are worth the same under `other`: what they take off, from which lines, from
    /// which amount. Code, quantity and validity concern only copies that are still to be issued.
    func hasTerms(of other: CouponRule) -> Bool {
        discount == other.discount && minOrderAmount == other.minOrderAmount && scope == other.scope
    }
}
