import PurchaseContracts

/// How a coupon reduces an amount.
public enum Discount: Sendable, Hashable {
    /// Hundredths of a percent, 1…10000, and the most it may come to.
    case percentage(basisPoints: Int64, cap: Money?)
    /// Minor units.
    case fixed(Money)

    /// The discount on `amount`, rounded half up to the minor unit: never negative, never more than `amount`.
    public func amount(on amount: Money) -> Money {
        guard amount > .zero else { return .zero }
        switch self {
        case .percentage(let basisPoints, let cap):
            // 128 bits, because amount × 10000 may leave 64.
            let exact = Int128(amount.minorUnits) * Int128(min(max(basisPoints, 0), Self.whole))
            let rounded = Money(Int64((exact + Int128(Self.whole / 2)) / Int128(Self.whole)))
            return max(.zero, min(rounded, cap ?? rounded))
        case .fixed(let value): return max(.zero, min(value, amount))
        }
    }

    /// 100 % in basis points.
    static let whole: Int64 = 10_000
}
