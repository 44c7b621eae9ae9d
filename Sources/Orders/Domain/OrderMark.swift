/// What another service tells of an order and Orders ticks off: a column each, set once.
enum OrderMark: String, Sendable, Hashable, CaseIterable {
    case paymentConfirmed, inventoryConfirmed, itemDeducted
    case couponUsed
    case paymentRollback, inventoryRollback, itemRestored, couponReleased

    /// What a captured order needs to be completed.
    static let confirmations: [OrderMark] = [.paymentConfirmed, .inventoryConfirmed, .itemDeducted]

    /// In which states the mark is noted. Confirmations are noted in any: they may overtake payment.processed.
    var states: [OrderState] {
        switch self {
        case .paymentConfirmed, .inventoryConfirmed, .itemDeducted: OrderState.allCases
        case .couponUsed: [.completed, .refunded]
        case .paymentRollback, .inventoryRollback, .itemRestored, .couponReleased: [.failed, .cancelled]
        }
    }

    /// Only an order with a coupon waits for this mark.
    var concernsCoupon: Bool { self == .couponUsed || self == .couponReleased }

    /// The type of the event that sets the mark: also the slug of what an order waits for.
    var eventName: String {
        switch self {
        case .paymentConfirmed: "payment.confirmed"
        case .inventoryConfirmed: "inventory.confirmed"
        case .itemDeducted: "item.deducted"
        case .couponUsed: "coupon.used"
        case .paymentRollback: "payment.rollback"
        case .inventoryRollback: "inventory.rollback"
        case .itemRestored: "item.restored"
        case .couponReleased: "coupon.released"
        }
    }
}
