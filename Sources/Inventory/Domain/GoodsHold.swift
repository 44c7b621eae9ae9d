import PurchaseContracts

/// How far an order has come in its user's inventory.
public enum GoodsHoldState: String, Sendable, Codable, Hashable, CaseIterable {
    /// Slots are reserved.
    case held = "HELD"
    /// Refused; nothing was taken.
    case rejected = "REJECTED"
    /// Given back.
    case released = "RELEASED"
    /// The user owns the goods.
    case granted = "GRANTED"
    /// An admin refunds the order: the goods are set aside until it is known whether the money is given back.
    case returning = "RETURNING"
    /// Refunded: the goods have left the user's inventory.
    case returned = "RETURNED"
    /// The undo came first: a late payment.reserved takes nothing.
    case tombstone = "TOMB"

    /// The goods were granted, whatever became of them since.
    var isPastPivot: Bool { self == .granted || self == .returning || self == .returned }
}

/// What the inventory did for one order.
struct GoodsHold: Sendable, Hashable {
    let state: GoodsHoldState
    let userID: UserID
}

/// The inventory's part of an order, for comparison with what the other services did.
public struct InventorySettlement: Sendable, Hashable {
    public let state: GoodsHoldState
    public let userID: UserID
    /// Pieces of each item: reserved in the states ``GoodsHoldState/held`` and ``GoodsHoldState/returning``, owned in state
    /// ``GoodsHoldState/granted``, none in any other.
    public let quantities: [ItemID: Int64]
    /// Whether Inventory has seen order.settled.
    public let isSettled: Bool

    /// Whether slots are still reserved for the order, or goods set aside.
    public var isHeld: Bool { state == .held || state == .returning }
}
