import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing

@testable import Orders

/// One of the four failures of a step.
enum FailedStep: CaseIterable {
    case user, inventory, item, payment

    func event(_ facts: OrderFacts, cause: Cause = .refused, _ code: RefusalCode = .insufficientStock) -> any StepFailed
    {
        let refusal = Refusal(code, ["requested": 2])
        return switch self {
        case .user: UserValidationFailed(order: facts, cause: cause, refusal: refusal)
        case .inventory: InventoryReservationFailed(order: facts, cause: cause, refusal: refusal)
        case .item: ItemReservationFailed(order: facts, cause: cause, refusal: refusal)
        case .payment: PaymentFailed(order: facts, cause: cause, refusal: refusal)
        }
    }
}

@Suite struct FailureTests {
    @Test(arguments: FailedStep.allCases)
    func `a failed step fails the order with its cause and numbers, once`(step: FailedStep) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            let failed = try #require(try await orders.deliver(step.event(facts)).event(OrderFailed.self))
            #expect(failed.order == facts)
            #expect(failed.cause == .refused)
            #expect(failed.refusal == Refusal(.insufficientStock, ["requested": 2]))
            #expect(try await orders.redeliver().disposition == .duplicate)
            for other in FailedStep.allCases {
                let late = try await orders.deliver(other.event(facts, cause: .declined))
                #expect(late.disposition == .duplicate)
                #expect(late.types.isEmpty)
            }
            #expect(try await orders.view(facts.id).cause == .refused)
        }
    }

    @Test(arguments: FailedStep.allCases)
    func `a step that failed for the user's sake cancels the order`(step: FailedStep) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            let outcome = try await orders.deliver(step.event(facts, cause: .user, .orderCancelled))
            #expect(outcome.types == [OrderCancelled.type])
            #expect(try await orders.view(facts.id).outcome == .cancelled)
        }
    }

    @Test(arguments: FailedStep.allCases, [OrderState.confirmed, .completed])
    func `a failed step past the pivot alarms`(step: FailedStep, state: OrderState) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: state)
            let outcome = try await orders.deliver(step.event(facts))
            #expect(outcome.disposition == .parked)
            guard case .permanent(.alarm, _) = outcome.fault else {
                Issue.record("no alarm: \(String(describing: outcome.fault))")
                return
            }
            #expect(try await orders.view(facts.id).state == state)
        }
    }

    @Test(arguments: [OrderState.failed, .cancelled])
    func `money captured for an undone order alarms`(state: OrderState) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: state)
            let outcome = try await orders.deliver(PaymentProcessed(order: facts))
            #expect(outcome.disposition == .parked)
            guard case .permanent(.alarm, _) = outcome.fault else {
                Issue.record("no alarm: \(String(describing: outcome.fault))")
                return
            }
        }
    }

    @Test(arguments: [OrderState.failed, .cancelled], 1...3)
    func `money captured for an undone order alarms beside any number of its confirmations`(
        state: OrderState, confirmations: Int
    ) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: state)
            let all: [any OrderEvent] = [
                PaymentConfirmed(order: facts), InventoryConfirmed(order: facts), ItemDeducted(order: facts),
            ]
            let outcomes = try await orders.deliverBatch([PaymentProcessed(order: facts)] + all.prefix(confirmations))
            #expect(outcomes.first?.disposition == .parked)
            #expect(outcomes.dropFirst().allSatisfy { $0.disposition == .applied })
            #expect(try await orders.progress(facts.id).state == state)
        } confirming: {
            $0 != "orders.undone-was-not-paid"
        }
    }

    @Test func `a pivot and a confirmation that were there before are duplicates beside what is new`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .confirmed)
            let outcomes = try await orders.deliverBatch([PaymentProcessed(order: facts), ItemDeducted(order: facts)])
            #expect(outcomes.map(\.disposition) == [.duplicate, .applied])
            let rest: [any OrderEvent] = [
                PaymentProcessed(order: facts), ItemDeducted(order: facts), PaymentConfirmed(order: facts),
                InventoryConfirmed(order: facts),
            ]
            let last = try await orders.deliverBatch(rest)
            #expect(last.map(\.disposition) == [.duplicate, .duplicate, .applied, .applied])
            #expect(last.flatMap(\.types) == [OrderCompleted.type, OrderSettled.type])
        }
    }

    @Test(arguments: [OrderState.failed, .cancelled], [true, false])
    func `an undone order is shown so once every due acknowledgement is in`(state: OrderState, coupon: Bool)
        async throws
    {
        try await withOrders { orders in
            let facts = try await orders.order(in: state, coupon: coupon)
            let due = coupon ? 4 : 3
            var acknowledgements: [any OrderEvent] = [
                ItemRestored(order: facts), PaymentRollback(order: facts), InventoryRollback(order: facts),
            ]
            if coupon { acknowledgements.insert(CouponReleased(order: facts), at: 0) }
            for (done, event) in acknowledgements.enumerated() {
                let before = try await orders.view(facts.id)
                #expect(before.shown == .processing)
                #expect(before.undone == .init(done: done, of: due))
                let outcome = try await orders.deliver(event)
                #expect(outcome.disposition == .applied)
                #expect(outcome.types == (done == due - 1 ? [OrderSettled.type] : []))
                #expect(try await orders.redeliver().disposition == .duplicate)
            }
            let settled = try await orders.view(facts.id)
            #expect(settled.shown == state)
            #expect(settled.outcome == nil)
            #expect(settled.undone == nil)
            #expect(settled.cause != nil)
        }
    }

    @Test func `Payments is told again that an order is settled if it answers only then`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .failed)
            let late = PaymentFailed(order: facts, cause: .deadline, refusal: Refusal(.orderDeadline))
            #expect(try await orders.deliver(late).types == [])
            try await orders.acknowledge(facts)
            #expect(try await orders.deliver(late).types == [OrderSettled.type])
            #expect(try await orders.view(facts.id).shown == .failed)
        }
    }

    @Test func `a release of a coupon that the order never had is not expected`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .failed)
            #expect(try await orders.deliver(CouponReleased(order: facts)).disposition == .ignored)
        }
    }

    @Test func `events of an unknown order change nothing`() async throws {
        try await withOrders { orders in
            let facts = OrderFacts.fixture()
            let events: [any OrderEvent] = [
                CouponValidated(order: facts, userCouponID: UserCouponID(UUID())),
                CouponValidationFailed(order: facts, cause: .refused, refusal: Refusal(.couponExpired)),
                FailedStep.item.event(facts), PaymentProcessed(order: facts), PaymentConfirmed(order: facts),
                CouponUsed(order: facts), ItemRestored(order: facts),
                ItemReservationCancelRequested(
                    order: facts, cause: .admin, refusal: Refusal(.reservationCancelled), reason: "broken"),
            ]
            for event in events {
                let outcome = try await orders.deliver(event)
                #expect(outcome.disposition == .ignored)
            }
        }
    }
}
