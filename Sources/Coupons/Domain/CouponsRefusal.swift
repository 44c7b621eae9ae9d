import PurchaseContracts

/// Why a command of this service was refused; nothing was changed then.
public enum CouponsRefusal: Error, Sendable, Codable, Hashable {
    /// A rule of coupons says no: not found, inactive, not yet valid, expired, out of stock, already claimed.
    case refused(Refusal)
    /// A field is empty or out of bounds.
    case invalid(field: String)
    /// Another coupon has this code.
    case codeTaken

    init(_ code: RefusalCode) { self = .refused(Refusal(code)) }

    /// Stable name for clients.
    public var slug: String {
        switch self {
        case .refused(let refusal): refusal.code.rawValue
        case .invalid: "coupons.invalid"
        case .codeTaken: "coupons.code-taken"
        }
    }
}
