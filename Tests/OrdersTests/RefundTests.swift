import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@testable import Orders

@Suite struct `A refund` {
    private func open(_ order: OrderID, key: IdempotencyRequest? = nil) -> OpenRefund {
        OpenRefund(order: order, reason: "broken", actor: OrdersFixture.admin, idempotency: key)
    }

    private func key(_ body: String = "a") -> IdempotencyRequest {
        IdempotencyRequest(subject: OrdersFixture.admin, operation: "POST /orders/x/refund", key: "k", bodyHash: body)
    }

    @Test func `of a completed order opens it again and asks for the goods`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .completed)
            #expect(try await orders.view(facts.id).settledAt != nil)
            let result = try await orders.run(open(facts.id))
            let asked = try #require(try result.event(OrderRefundRequested.self))
            #expect(asked.order == facts)
            #expect(asked.reason == "broken")
            #expect(asked.actor == OrdersFixture.admin)
            let view = try await orders.view(facts.id)
            #expect(view.state == .completed)
            #expect(view.shown == .completed)
            #expect(view.settledAt == nil)
            #expect(view.refund?.id == asked.refundID)
            #expect(view.refund?.state == .open)
            let waiting = try await orders.read { try OrderQueries($0).waitsFor(facts.id) }
            #expect(waiting?.events == ["inventory.returned", "item.restocked", "wallet.credited"])
        }
    }

    @Test(arguments: OrderState.allCases.filter { $0 != .completed })
    func `of any other order is refused`(state: OrderState) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: state)
            let result = try await orders.run(open(facts.id))
            #expect(result.outcome == .notCompleted(state))
            #expect(result.emitted.isEmpty)
        }
    }

    @Test func `is refused while another is open, and of an order that does not exist`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .completed)
            let first = try await orders.openRefund(facts.id)
            #expect(try await orders.run(open(facts.id)).outcome == .alreadyOpen(first))
            #expect(try await orders.run(open(OrderID(UUID()))).outcome == .notFound)
        }
    }

    @Test func `asked for once more under its key is the same, and under another body a mistake`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .completed)
            let first = try await orders.openRefund(facts.id, key: key())
            let again = try await orders.run(open(facts.id, key: key()))
            #expect(again.outcome == .replay(first))
            #expect(again.emitted.isEmpty)
            await #expect(throws: OrdersRefusal.idempotencyMismatch) {
                try await orders.run(open(facts.id, key: key("b")))
            }
            // The answer names that refund, also when it failed and another is open.
            try await orders.deliver(
                InventoryReturnRefused(order: facts, refundID: first.id, refusal: Refusal(.goodsGone)))
            _ = try await orders.openRefund(facts.id)
            guard case .replay(let replayed) = try await orders.run(open(facts.id, key: key())).outcome else {
                Issue.record("not replayed")
                return
            }
            #expect(replayed.id == first.id)
            #expect(replayed.state == .failed)
        }
    }

    @Test(arguments: [[0, 1, 2], [2, 0, 1], [1, 2, 0], [2, 1, 0]], [false, true])
    func `is over with its third acknowledgement, in any order`(sequence: [Int], coupon: Bool) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .completed, coupon: coupon)
            if coupon { try await orders.deliver(CouponUsed(order: facts)) }
            let refund = try await orders.openRefund(facts.id)
            for (place, which) in sequence.enumerated() {
                for copy in 0..<2 {
                    let result =
                        switch which {
                        case 0: try await orders.deliver(InventoryReturned(order: facts, refundID: refund.id))
                        case 1: try await orders.deliver(ItemRestocked(order: facts, refundID: refund.id))
                        default: try await orders.deliver(WalletCredited(order: facts, refundID: refund.id))
                        }
                    let isLast = place == 2 && copy == 0
                    #expect(try result.event(OrderRefunded.self)?.refundID == (isLast ? refund.id : nil))
                    #expect(try (result.event(OrderSettled.self) != nil) == isLast)
                    #expect(copy == 0 || result.disposition == .duplicate)
                }
            }
            let view = try await orders.view(facts.id)
            #expect(view.state == .refunded)
            #expect(view.settledAt != nil)
            #expect(view.refund?.state == .refunded)
            #expect(try await orders.run(open(facts.id)).outcome == .notCompleted(.refunded))
        }
    }

    @Test(arguments: [true, false])
    func `that is refused leaves the order completed, and the next may be opened`(byGateway: Bool) async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .completed)
            let refund = try await orders.openRefund(facts.id)
            for copy in 0..<2 {
                let result =
                    byGateway
                    ? try await orders.deliver(
                        InventoryReturnCancelled(order: facts, refundID: refund.id, refusal: Refusal(.refundRefused)))
                    : try await orders.deliver(
                        InventoryReturnRefused(order: facts, refundID: refund.id, refusal: Refusal(.goodsGone)))
                #expect(try (result.event(OrderRefundFailed.self)?.refundID == refund.id) == (copy == 0))
                #expect(try (result.event(OrderSettled.self) != nil) == (copy == 0))
            }
            let view = try await orders.view(facts.id)
            #expect(view.state == .completed)
            #expect(view.settledAt != nil)
            #expect(view.refund?.refusal?.code == (byGateway ? .refundRefused : .goodsGone))
            let next = try await orders.openRefund(facts.id)
            #expect(next.id != refund.id)
            // What comes late of the first says nothing of the second.
            #expect(
                try await orders.deliver(
                    InventoryReturnRefused(order: facts, refundID: refund.id, refusal: Refusal(.goodsGone))
                ).disposition == .duplicate)
            #expect(try await orders.view(facts.id).refund?.state == .open)
        }
    }

    @Test func `opened before the coupon is spent settles with the later of both`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .completed, coupon: true)
            let refund = try await orders.openRefund(facts.id)
            #expect(try await orders.deliver(CouponUsed(order: facts)).event(OrderSettled.self) == nil)
            let refused = InventoryReturnRefused(order: facts, refundID: refund.id, refusal: Refusal(.goodsGone))
            #expect(try await orders.deliver(refused).event(OrderSettled.self) != nil)
            let next = try await orders.openRefund(facts.id)
            try await orders.deliver(InventoryReturned(order: facts, refundID: next.id))
            try await orders.deliver(ItemRestocked(order: facts, refundID: next.id))
            #expect(
                try await orders.deliver(WalletCredited(order: facts, refundID: next.id)).event(OrderSettled.self)
                    != nil)
        }
        try await withOrders { orders in
            let facts = try await orders.order(in: .refunded, coupon: true)
            #expect(try await orders.view(facts.id).settledAt == nil)
            #expect(try await orders.deliver(CouponUsed(order: facts)).event(OrderSettled.self) != nil)
        }
    }

    @Test func `is alarmed about when a refusal comes after the money was given back, or a success after a refusal`()
        async throws
    {
        try await withOrders { orders in
            let facts = try await orders.order(in: .completed)
            let refund = try await orders.openRefund(facts.id)
            try await orders.deliver(WalletCredited(order: facts, refundID: refund.id))
            let refused = InventoryReturnCancelled(order: facts, refundID: refund.id, refusal: Refusal(.refundRefused))
            guard case .permanent(.alarm, _) = try await orders.deliver(refused).fault else {
                Issue.record("no alarm")
                return
            }
        }
        try await withOrders { orders in
            let facts = try await orders.order(in: .completed)
            let refund = try await orders.openRefund(facts.id)
            try await orders.deliver(
                InventoryReturnRefused(order: facts, refundID: refund.id, refusal: Refusal(.goodsGone)))
            let late = ItemRestocked(order: facts, refundID: refund.id)
            guard case .permanent(.alarm, _) = try await orders.deliver(late).fault else {
                Issue.record("no alarm")
                return
            }
        }
    }

    @Test func `that does not settle is sent again`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .completed)
            _ = try await orders.openRefund(facts.id)
            orders.clock.advance(by: .seconds(31))
            let round = try await orders.run(ResyncOrders(limit: 10))
            #expect(round.outcome.resynced == 1)
            #expect(try round.event(OrderResync.self)?.orderID == facts.id)
        }
    }

    @Test func `can be cancelled by nobody`() async throws {
        try await withOrders { orders in
            let facts = try await orders.order(in: .refunded)
            let answer = try await orders.run(CancelOrder(order: facts.id, requestedBy: .user(facts.userID)))
            #expect(answer.outcome == .tooLate(.refunded))
        }
    }
}
