import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing

@testable import Orders

/// Random events, duplicates and all, against the real rows and against the pure state machine: both must agree at every step.
@Suite struct ModelTests {
    @Test(arguments: 1...60)
    func `rows and state machine agree on any sequence of events`(seed: Int) async throws {
        try await withOrders { orders in
            let random = SeededRandom(seed: UInt64(seed))
            let facts = try await orders.place(coupon: random.chance(50) ? .code("spring") : nil)
            var model = OrderProgress(
                state: facts.coupon == nil ? .processing : .pending, hasCoupon: facts.coupon != nil, cancelCause: nil,
                marks: [], isSettled: false)
            for _ in 0..<40 {
                let trigger = triggers[random.below(triggers.count)]
                let emitted = model.apply(trigger)
                let outcome = try await orders.deliver(event(trigger, facts))
                #expect(outcome.types == (emitted ?? []), "after \(trigger)")
                #expect((outcome.disposition == .parked) == (emitted == nil), "after \(trigger)")
                #expect(try await orders.progress(facts.id) == model, "after \(trigger)")
            }
            // Here payments are confirmed and steps fail at random, which only a broken service would do.
        } confirming: {
            $0 != "orders.undone-was-not-paid"
        }
    }

    private let triggers: [OrderTrigger] =
        [.couponValidated, .couponRefused, .cancelAsked(.admin), .paymentProcessed]
        + [Cause.user, .refused, .declined].map { .stepFailed($0) } + OrderMark.allCases.map { .marked($0) }

    private func event(_ trigger: OrderTrigger, _ facts: OrderFacts) -> any OrderEvent {
        let refusal = Refusal(.itemOffSale)
        return switch trigger {
        case .couponValidated: CouponValidated(order: facts, userCouponID: UserCouponID(UUID()))
        case .couponRefused: CouponValidationFailed(order: facts, cause: .refused, refusal: refusal)
        case .stepFailed(let cause): ItemReservationFailed(order: facts, cause: cause, refusal: refusal)
        case .cancelAsked(let cause):
            ItemReservationCancelRequested(order: facts, cause: cause, refusal: refusal, reason: "")
        case .paymentProcessed: PaymentProcessed(order: facts)
        case .marked(.paymentConfirmed): PaymentConfirmed(order: facts)
        case .marked(.inventoryConfirmed): InventoryConfirmed(order: facts)
        case .marked(.itemDeducted): ItemDeducted(order: facts)
        case .marked(.couponUsed): CouponUsed(order: facts)
        case .marked(.paymentRollback): PaymentRollback(order: facts)
        case .marked(.inventoryRollback): InventoryRollback(order: facts)
        case .marked(.itemRestored): ItemRestored(order: facts)
        case .marked(.couponReleased): CouponReleased(order: facts)
        }
    }
}

extension OrderProgress {
    /// Does to the model what a verdict says.
    ///
    /// - Returns: the types to emit; `nil` for an alarm.
    fileprivate mutating func apply(_ trigger: OrderTrigger) -> [EventType]? {
        switch verdict(on: trigger) {
        case .begin:
            state = .processing
            return [OrderCreated.type]
        case .end(let end):
            state = end
            return [end == .cancelled ? OrderCancelled.type : OrderFailed.type]
        case .flagCancel:
            if case .cancelAsked(let cause) = trigger { cancelCause = cause }
            return [OrderCancelRequested.type]
        case .confirm:
            state = .confirmed
            return conclude()
        case .note(let mark):
            marks.insert(mark)
            return conclude()
        case .ignore: return []
        case .alarm: return nil
        }
    }

    private mutating func conclude() -> [EventType] {
        switch conclusion {
        case .none: return []
        case .complete(let settles):
            state = .completed
            isSettled = settles
            return [OrderCompleted.type] + (settles ? [OrderSettled.type] : [])
        case .settle:
            isSettled = true
            return [OrderSettled.type]
        }
    }
}
