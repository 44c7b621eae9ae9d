import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// The one table of what each event of the saga is in the audit trail: on what, how severe, how it ended, by whom.
///
/// A test fails if an event that anybody emits has no row.
public enum AuditRules {
    /// Every row, by the event's type.
    public static let all: [EventType: AuditRule] = Dictionary(
        uniqueKeysWithValues: (orders + refunds + money + goods + catalogue + couponSteps + coupons).map {
            ($0.type, $0)
        })

    private static let orders: [AuditRule] = [
        AuditRule(
            OrderCreated.self, on: "order", .medium, id: { $0.order.id.uuid.canonical },
            actor: { $0.order.actor.uuid }, details: { $0.order.writeDemand(to: &$1) }),
        .step(CouponValidationRequested.self, on: .order, .low),
        .refusal(OrderCancelRequested.self, on: .order, .medium, .success),
        .refusal(OrderFailed.self, on: .order, .high, .failed),
        .refusal(OrderCancelled.self, on: .order, .medium, .success),
        .step(OrderCompleted.self, on: .order, .medium),
        .note(OrderSettled.self, on: "order", .low, id: { $0.orderID.uuid }),
        .note(OrderResync.self, on: "order", .medium, id: { $0.orderID.uuid }),
    ]

    private static let refunds: [AuditRule] = [
        AuditRule(
            OrderRefundRequested.self, on: "order", .high, id: { $0.order.id.uuid.canonical }, actor: { $0.actor.uuid },
            details: { event, json in
                event.order.writeAmounts(to: &json)
                json.member("refund", event.refundID)
                json.key("reason" as StaticString)
                json.string(event.reason)
            }),
        .refund(InventoryReturnHeld.self, on: .inventory, .medium),
        .refund(InventoryReturned.self, on: .inventory, .medium),
        .refund(ItemRestocked.self, on: .stock, .medium),
        .refund(PaymentRefunded.self, on: .payment, .high),
        .refund(WalletCredited.self, on: .wallet, .high),
        .refund(OrderRefunded.self, on: .order, .high),
        .refusedRefund(InventoryReturnRefused.self, on: .inventory, .high, .failed),
        .refusedRefund(PaymentRefundRefused.self, on: .payment, .high, .failed),
        .refusedRefund(InventoryReturnCancelled.self, on: .inventory, .medium, .success),
        .refusedRefund(OrderRefundFailed.self, on: .order, .high, .failed),
    ]

    private static let money: [AuditRule] = [
        .step(UserValidated.self, on: .user, .low),
        .step(PaymentReserved.self, on: .wallet, .medium),
        .refusal(UserValidationFailed.self, on: .wallet, .medium, .failed),
        .step(PaymentRollback.self, on: .wallet, .medium),
        .step(PaymentConfirmed.self, on: .wallet, .high),
        .step(PaymentProcessed.self, on: .payment, .high),
        .refusal(PaymentFailed.self, on: .payment, .high, .failed),
    ]

    private static let goods: [AuditRule] = [
        .step(InventoryReserved.self, on: .inventory, .low),
        .refusal(InventoryReservationFailed.self, on: .inventory, .medium, .failed),
        .step(InventoryRollback.self, on: .inventory, .low),
        .step(InventoryConfirmed.self, on: .inventory, .medium),
        .step(ItemReserved.self, on: .reservation, .low),
        .refusal(ItemReservationFailed.self, on: .reservation, .medium, .failed),
        .step(ItemRestored.self, on: .stock, .low),
        .step(ItemDeducted.self, on: .stock, .medium),
        AuditRule(
            ItemReservationCancelRequested.self, on: "reservation", .high, id: { $0.order.id.uuid.canonical },
            // The order's actor is who bought; who asks for this is in the row that the request wrote.
            details: { event, json in
                json.key("cause" as StaticString)
                json.string(event.cause.rawValue)
                json.key("reason" as StaticString)
                json.string(event.reason)
            }),
    ]

    private static let catalogue: [AuditRule] = [
        AuditRule(
            ItemCreated.self, on: "item", .medium, id: { $0.item.itemID.uuid.canonical },
            details: { $0.item.write(to: &$1) }),
        AuditRule(
            ItemChanged.self, on: "item", .medium, id: { $0.item.itemID.uuid.canonical },
            details: { $0.item.write(to: &$1) }),
    ]

    private static let couponSteps: [AuditRule] = [
        AuditRule(
            CouponValidated.self, on: "coupon", .low, id: { $0.userCouponID.uuid.canonical },
            actor: { $0.order.actor.uuid }, details: { $0.order.writeAmounts(to: &$1) }),
        .refusal(CouponValidationFailed.self, on: .coupon, .medium, .failed),
        AuditRule(
            CouponHeld.self, on: "coupon", .medium, id: { $0.userCouponID.uuid.canonical },
            actor: { $0.order.actor.uuid }, details: { $1.member("coupon", $0.couponID) }),
        AuditRule(
            CouponUsageCancelled.self, on: "coupon", .medium, id: { $0.userCouponID.uuid.canonical },
            actor: { $0.order.actor.uuid }, details: { $1.member("coupon", $0.couponID) }),
        .step(CouponUsed.self, on: .coupon, .medium),
        .step(CouponReleased.self, on: .coupon, .low),
    ]

    private static let coupons: [AuditRule] = [
        AuditRule(
            CouponCreated.self, on: "coupon", .high, id: { $0.couponID.uuid.canonical },
            actor: { $0.createdBy.uuid },
            details: { event, json in
                json.key("quantity" as StaticString)
                json.integer(event.totalQuantity)
                json.key("active" as StaticString)
                json.flag(event.isActive)
            }),
        AuditRule(
            CouponStatusChanged.self, on: "coupon", .high, id: { $0.couponID.uuid.canonical },
            actor: { $0.actor.uuid },
            details: { event, json in
                json.key("active" as StaticString)
                json.flag(event.isActive)
            }),
        AuditRule(
            CouponIssued.self, on: "coupon", .medium, id: { $0.couponID.uuid.canonical },
            // Whoever took a copy did it himself; what was given was given by an admin, whose own row says who.
            actor: { [.claimed, .ordered].contains($0.way) ? $0.copies.first?.userID.uuid : nil },
            details: { event, json in
                json.key("way" as StaticString)
                json.string(event.way.rawValue)
                json.key("remaining" as StaticString)
                json.integer(event.remaining)
                json.key("users" as StaticString)
                json.array { for copy in event.copies { $0.string(copy.userID.uuid.canonical) } }
            }),
        AuditRule(
            CouponLowStock.self, on: "coupon", .low, id: { $0.couponID.uuid.canonical },
            details: { event, json in
                json.key("remaining" as StaticString)
                json.integer(event.remaining)
                json.key("quantity" as StaticString)
                json.integer(event.totalQuantity)
            }),
        AuditRule(
            CouponOutOfStock.self, on: "coupon", .low, id: { $0.couponID.uuid.canonical },
            details: { event, json in
                json.key("quantity" as StaticString)
                json.integer(event.totalQuantity)
            }),
        AuditRule(
            CouponExpired.self, on: "coupon", .low, id: { $0.copies.first?.couponID.uuid.canonical ?? "" },
            details: { event, json in
                json.key("copies" as StaticString)
                json.array { for copy in event.copies { $0.string(copy.id.uuid.canonical) } }
            }),
        AuditRule(
            CouponExpiringWarning.self, on: "coupon", .low, id: { $0.userCouponID.uuid.canonical },
            details: { $1.member("user", $0.userID) }),
    ]
}
