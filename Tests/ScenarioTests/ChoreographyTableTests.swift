import PurchaseApp
import SagaChoreography
import SagaSQL
import Testing

@Suite struct `The table of who reacts to what` {
    @Test func `is the one that was agreed`() {
        let rows = Row.all.map(\.description)
        #expect(rows.filter { !Self.table.contains($0) } == [], "rows that are new")
        #expect(Self.table.filter { !rows.contains($0) } == [], "rows that are missing")
        #expect(rows.count == Self.table.count)
    }

    @Test func `is complete`() {
        #expect(ChoreographyGraph(PurchaseSystem.participants()).findings == [])
    }

    /// A compensation that the order's end relies on, and a step that it gives back.
    struct Undo: Sendable, CustomTestStringConvertible {
        let service: ServiceID
        let compensation: ReactionID
        let step: ReactionID
        let event: EventType
        var testDescription: String { compensation.name }
    }

    static let undos: [Undo] = {
        let graph = ChoreographyGraph(PurchaseSystem.participants())
        let compensable = Set(graph.nodes.filter(\.isCompensable).map(\.id))
        return graph.nodes.flatMap { node in
            guard let event = node.consumes, graph.aborts.contains(event) else { return [Undo]() }
            return node.undoes.filter(compensable.contains).map {
                Undo(service: node.service, compensation: node.id, step: $0, event: event)
            }
        }
    }()

    @Test func `gives every compensable step back at both ends`() {
        #expect(
            Set(Self.undos.map(\.step)).map(\.name).sorted() == [
                "coupons.hold-coupon", "inventory.reserve-slots", "items.reserve-stock", "users.hold-funds",
            ])
        #expect(Self.undos.count == 8)
    }

    @Test(arguments: undos)
    func `is found incomplete without a compensation, which is named`(undo: Undo) {
        let participants = PurchaseSystem.participants().map { participant in
            participant.service == undo.service ? participant.without(undo.compensation) : participant
        }
        let findings = ChoreographyGraph(participants).findings
        #expect(findings.contains(.notCompensated(step: undo.step, on: undo.event)))
    }

    @Test func `is found incomplete when nobody answers a request to cancel`() {
        let participants = PurchaseSystem.participants().map { $0.without("payments.cancel-payment") }
        let findings = ChoreographyGraph(participants).findings
        #expect(findings.contains(.neverConsumed(event: "order.cancel.requested", emitter: "orders")))
    }

    static let table = [
        "orders: coupon.validated → order.created",
        "orders: coupon.validation.failed → order.cancelled, order.failed",
        "orders: user.validation.failed → order.cancelled, order.failed",
        "orders: inventory.reservation.failed → order.cancelled, order.failed",
        "orders: item.reservation.failed → order.cancelled, order.failed",
        "orders: payment.failed → order.cancelled, order.failed, order.settled",
        "orders: item.reservation.cancel.requested → order.cancel.requested, order.cancelled, order.failed",
        "orders: payment.processed → order.completed, order.settled",
        "orders: payment.confirmed → order.completed, order.settled",
        "orders: inventory.confirmed → order.completed, order.settled",
        "orders: item.deducted → order.completed, order.settled",
        "orders: coupon.used → order.settled",
        "orders: payment.rollback → order.settled",
        "orders: inventory.rollback → order.settled",
        "orders: item.restored → order.settled",
        "orders: coupon.released → order.settled",
        "orders: inventory.return.refused → order.refund.failed, order.settled",
        "orders: inventory.return.cancelled → order.refund.failed, order.settled",
        "orders: inventory.returned → order.refunded, order.settled",
        "orders: item.restocked → order.refunded, order.settled",
        "orders: wallet.credited → order.refunded, order.settled",
        "orders: item.created → nothing",
        "orders: item.changed → nothing",

        "coupons: coupon.validation.requested → coupon.expired, coupon.held, coupon.issued, coupon.low.stock, "
            + "coupon.out.of.stock, coupon.validated, coupon.validation.failed",
        "coupons: order.completed → coupon.used",
        "coupons: order.failed → coupon.expired, coupon.released, coupon.usage.cancelled; undoes coupons.hold-coupon",
        "coupons: order.cancelled → coupon.expired, coupon.released, coupon.usage.cancelled; undoes coupons.hold-coupon",
        "coupons: order.settled → nothing",
        "coupons: order.resync → nothing",

        "users: order.created → payment.reserved, user.validated, user.validation.failed",
        "users: payment.processed → payment.confirmed",
        "users: inventory.reservation.failed → nothing; undoes users.hold-funds",
        "users: item.reservation.failed → nothing; undoes users.hold-funds",
        "users: payment.failed → nothing; undoes users.hold-funds",
        "users: order.failed → payment.rollback; undoes users.hold-funds",
        "users: order.cancelled → payment.rollback; undoes users.hold-funds",
        "users: payment.refunded → wallet.credited",
        "users: order.settled → nothing",
        "users: order.resync → nothing",

        "inventory: payment.reserved → inventory.reservation.failed, inventory.reserved",
        "inventory: payment.processed → inventory.confirmed",
        "inventory: item.reservation.failed → nothing; undoes inventory.reserve-slots",
        "inventory: payment.failed → nothing; undoes inventory.reserve-slots",
        "inventory: order.failed → inventory.rollback; undoes inventory.reserve-slots",
        "inventory: order.cancelled → inventory.rollback; undoes inventory.reserve-slots",
        "inventory: order.refund.requested → inventory.return.held, inventory.return.refused",
        "inventory: payment.refund.refused → inventory.return.cancelled; undoes inventory.hold-return",
        "inventory: payment.refunded → inventory.returned",
        "inventory: order.settled → nothing",
        "inventory: order.resync → nothing",

        "items: inventory.reserved → item.reservation.failed, item.reserved",
        "items: payment.processed → item.deducted",
        "items: payment.failed → nothing; undoes items.reserve-stock",
        "items: order.failed → item.restored; undoes items.reserve-stock",
        "items: order.cancelled → item.restored; undoes items.reserve-stock",
        "items: payment.refunded → item.restocked",
        "items: order.settled → nothing",
        "items: order.resync → nothing",

        "payments: item.reserved → payment.processed",
        "payments: order.cancel.requested → payment.failed; undoes payments.begin-payment",
        "payments: inventory.return.held → payment.refunded",
        "payments: order.settled → nothing",
        "payments: order.resync → nothing",

        "notifications: order.completed → nothing",
        "notifications: order.failed → nothing",
        "notifications: order.cancelled → nothing",
        "notifications: order.refunded → nothing",
        "notifications: coupon.expiring.warning → nothing",
    ]
}
