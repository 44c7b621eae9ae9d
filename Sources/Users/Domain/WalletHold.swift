import PurchaseContracts

/// How far an order has come in its user's wallet.
public enum WalletHoldState: String, Sendable, Codable, Hashable, CaseIterable {
    /// The final amount is set aside.
    case held = "HELD"
    /// Refused; nothing was taken.
    case rejected = "REJECTED"
    /// Given back.
    case released = "RELEASED"
    /// Paid.
    case captured = "CAPTURED"
    /// Paid, and given back by a refund.
    case refunded = "REFUNDED"
    /// The undo came first: a late order.created takes nothing.
    case tombstone = "TOMB"
}

/// What the wallet did for one order.
struct WalletHold: Sendable, Hashable {
    let state: WalletHoldState
    let userID: UserID
    let amount: Money
}

/// The wallet's part of an order, for comparison with what the other services did.
public struct WalletSettlement: Sendable, Hashable {
    public let state: WalletHoldState
    public let userID: UserID
    /// The order's final amount. It is in the wallet's `held` only in state ``WalletHoldState/held``, in its `captured`
    /// in the states ``WalletHoldState/captured`` and ``WalletHoldState/refunded``, in its `refunded` in the latter.
    public let amount: Money
    /// Whether Users has seen order.settled.
    public let isSettled: Bool

    /// Whether money is still set aside for the order.
    public var isHeld: Bool { state == .held }
}
