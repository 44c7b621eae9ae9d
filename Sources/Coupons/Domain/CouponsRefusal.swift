import PurchaseContracts

/// Why a command of this service was refused; nothing was changed then.
public enum CouponsRefusal: Error, Sendable, Codable, Hashable {
    /// A rule of coupons says no: not found, inactive, not yet valid, expired, out of stock, already claimed.
    case refused(Refusal)
    /// A field is empty or out of bounds.
    case invalid(field: String)
    /// Another coupon has this code.
    case codeTaken
    /// Copies are out: what they promise cannot be changed any more.
    case alreadyIssued
    /// The user's idempotency key was used for another coupon.
    case keyReused
    /// So many copies are out already; the quantity cannot be set below.
    case belowIssued(Int64)

    init(_ code: RefusalCode) { self = .refused(Refusal(code)) }

    /// Stable name for clients.
    public var slug: String {
        switch self {
        case .refused(let refusal): refusal.code.rawValue
        case .invalid: "coupons.invalid"
        case .codeTaken: "coupons.code-taken"
        case .alreadyIssued: "coupons.already-issued"
        case .keyReused: "coupons.key-reused"
        case .belowIssued: "coupons.below-issued"
        }
    }
}
