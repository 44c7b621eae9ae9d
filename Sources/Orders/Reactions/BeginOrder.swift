import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Freezes the discounted amount once the coupon is held, and starts the steps.
struct BeginOrder: Reaction {
    static let id: ReactionID = "orders.begin-order"

    func react(to event: CouponValidated, in step: SQLStep) throws -> Reply<OrderCreated, Never> {
        let orders = OrderStore(step.transaction)
        guard let order = try orders.lock(event.order.id) else { return .ignore(.notExpected) }
        let verdict = order.progress.verdict(on: .couponValidated)
        guard verdict == .begin else { return try OrderTransitions.without(verdict) }

        var facts = order.facts
        facts.discount = event.order.discount
        facts.final = event.order.final
        try check(facts, against: event.order)
        try orders.begin(facts, userCouponID: event.userCouponID, at: step.now)
        return .accept(OrderCreated(order: facts))
    }

    /// The amounts are the only numbers that Orders takes from another service: they must add up with its own.
    private func check(_ facts: OrderFacts, against offered: OrderFacts) throws {
        let difference = try? facts.total.subtracting(facts.discount)
        guard offered.total == facts.total, facts.discount >= .zero, facts.final >= .zero, difference == facts.final
        else {
            throw SagaFault.permanent(.contract, "coupon.validated with amounts that do not add up")
        }
    }
}
