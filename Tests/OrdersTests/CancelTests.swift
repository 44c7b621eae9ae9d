import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing

@testable import Orders

@Suite struct CancelTests {
    private let user = CancelRequester.user(OrdersFixture.user)
    private let admin = CancelRequester.admin(UserID(UUID()))

    @Test func `a user cancels a pending order at once`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .pending)
            let result = try await orders.run(CancelOrder(order: facts.id, requestedBy: user))
            #expect(result.outcome == .requested)
            let cancelled = try #require(try result.event(OrderCancelled.self))
            #expect(cancelled.cause == .user)
            #expect(cancelled.refusal == Refusal(.orderCancelled))
            let again = try await orders.run(CancelOrder(order: facts.id, requestedBy: user))
            #expect(again.outcome == .undone)
            #expect(again.types.isEmpty)
            try await orders.acknowledge(facts)
            #expect(try await orders.view(facts.id).shown == .cancelled)
        }
    }

    @Test func `an admin's cancellation of a pending order fails it`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .pending)
            let result = try await orders.run(CancelOrder(order: facts.id, requestedBy: admin))
            #expect(try result.event(OrderFailed.self)?.cause == .admin)
        }
    }

    @Test func `a running order is only flagged, by the first who asks`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            let first = try await orders.run(CancelOrder(order: facts.id, requestedBy: user))
            #expect(first.outcome == .requested)
            #expect(try first.event(OrderCancelRequested.self)?.cause == .user)
            let second = try await orders.run(CancelOrder(order: facts.id, requestedBy: admin))
            #expect(second.outcome == .requested)
            #expect(second.types.isEmpty)
            let view = try await orders.view(facts.id)
            #expect(view.shown == .processing)
            #expect(view.cancelRequested == .user)
        }
    }

    @Test func `the flag's cause goes on record, not that of the step which fails later`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            try await orders.run(CancelOrder(order: facts.id, requestedBy: user))
            let outcome = try await orders.deliver(FailedStep.item.event(facts))
            let cancelled = try #require(try outcome.event(OrderCancelled.self))
            #expect(cancelled.cause == .user)
            #expect(cancelled.refusal == Refusal(.orderCancelled))
        }
    }

    @Test func `a manager's cancellation of a reservation flags the order`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            let refusal = Refusal(.reservationCancelled)
            let event = ItemReservationCancelRequested(
                order: facts, cause: .admin, refusal: refusal, reason: "damaged")
            let asked = try await orders.deliver(event).event(OrderCancelRequested.self)
            #expect(asked?.cause == .admin)
            #expect(asked?.refusal == refusal)
            #expect(try await orders.redeliver().disposition == .duplicate)
            let outcome = try await orders.deliver(
                FailedStep.payment.event(facts, cause: .admin, .reservationCancelled))
            #expect(try outcome.event(OrderFailed.self)?.refusal == refusal)
        }
    }

    @Test(arguments: [OrderState.confirmed, .completed])
    func `past the pivot it is too late`(state: OrderState) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: state)
            let result = try await orders.run(CancelOrder(order: facts.id, requestedBy: user))
            #expect(result.outcome == .tooLate(state))
            #expect(result.types.isEmpty)
        }
    }

    @Test func `another user's order and an unknown one are alike`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .processing)
            let stranger = CancelRequester.user(UserID(UUID()))
            #expect(try await orders.run(CancelOrder(order: facts.id, requestedBy: stranger)).outcome == .notFound)
            #expect(
                try await orders.run(CancelOrder(order: OrderID(UUID()), requestedBy: admin)).outcome == .notFound)
            #expect(try await orders.view(facts.id).cancelRequested == nil)
        }
    }
}
