import FoundationEssentials
import Payments
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@Suite struct `A refund of a captured payment` {
    let order = OrderFacts.fixture()
    let refund = RefundID(UUID())

    private func withCaptured(_ body: (ParticipantHarness) async throws -> Void) async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(ScriptedGateway(charges: [.captured(reference: "r")]))
            try await payments.deliver(OrderSettled(orderID: order.id))
            try await body(payments)
            #expect(try await payments.violations() == [])
        }
    }

    private func held(_ id: RefundID? = nil) -> InventoryReturnHeld {
        InventoryReturnHeld(order: order, refundID: id ?? refund)
    }

    private func event(_ kind: GatewayEvent.Kind, id: String, of refund: RefundID?) -> GatewayEvent {
        GatewayEvent(
            id: id, digest: Data(repeating: 1, count: 32), kind: kind, orderID: order.id, reference: "r",
            amount: order.final, currency: order.currency, refundID: refund)
    }

    @Test func `passes its pivot with the gateway's yes, under a key of its own`() async throws {
        try await withCaptured { payments in
            #expect(try await payments.deliver(held()).types.isEmpty)
            #expect(try await payments.redeliver().disposition == .duplicate)
            #expect(try await payments.state(of: order) == .refunding)
            #expect(try await payments.view(of: order)?.status == .refunding)
            // The notice of the first settlement closes nothing that is open again.
            try await payments.deliver(OrderSettled(orderID: order.id))
            #expect(try await payments.settlement(of: order)?.isSettled == false)
            let gateway = ScriptedGateway(refunds: [.refunded])
            let told = try await payments.poll(gateway)
            #expect(told.map(\.type) == [PaymentRefunded.type])
            #expect(told.first?.causationID != nil)
            #expect(gateway.keys == ["\(order.id)/refund/\(refund)"])
            #expect(try await payments.view(of: order)?.status == .refunded)
            #expect(try await payments.deliver(held()).disposition == .duplicate)
        }
    }

    @Test func `is asked again under the same key while its outcome is unknown`() async throws {
        try await withCaptured { payments in
            try await payments.deliver(held())
            let gateway = ScriptedGateway(refunds: [.unknown(why: "silent"), .unknown(why: "503"), .refunded])
            #expect(try await payments.poll(gateway).isEmpty)
            #expect(try await payments.state(of: order) == .refunding)
            payments.clock.advance(by: .seconds(61))
            #expect(try await payments.poll(gateway).isEmpty)
            payments.clock.advance(by: .seconds(61))
            #expect(try await payments.poll(gateway).map(\.type) == [PaymentRefunded.type])
            #expect(Set(gateway.keys).count == 1)
            #expect(gateway.keys.count == 3)
        }
    }

    @Test func `that the gateway refuses leaves it captured, and the next has another key`() async throws {
        try await withCaptured { payments in
            try await payments.deliver(held())
            let gateway = ScriptedGateway(refunds: [.refused(reason: "too old"), .refunded])
            let refused = try await payments.poll(gateway)
            #expect(refused.map(\.type) == [PaymentRefundRefused.type])
            #expect(try await payments.state(of: order) == .captured)
            let next = RefundID(UUID())
            try await payments.deliver(held(next))
            #expect(try await payments.poll(gateway).map(\.type) == [PaymentRefunded.type])
            #expect(Set(gateway.keys).count == 2)
            #expect(try await payments.deliver(OrderCancelRequested.fixture(order)).disposition == .ignored)
        }
    }

    @Test func `is asked of no other gateway than the one that has the money`() async throws {
        try await withCaptured { payments in
            try await payments.deliver(held())
            let other = ClaimDuePayments(limit: 5, lease: .seconds(10), book: .elsewhere)
            #expect(try await payments.commands.run(other).isEmpty)
            let read = { (book: GatewayBook) in
                try await payments.read {
                    try (PaymentQueries($0).nextDueAt(of: book), PaymentQueries($0).waiting(forOtherThan: book))
                }
            }
            #expect(try await read(.elsewhere) == (nil, 0), "nothing was asked yet: a start with it is fine")
            #expect(try await read(.here) == (payments.clock.now(), 0))
            _ = try await payments.poll(ScriptedGateway(refunds: [.unknown(why: "silent")]))
            #expect(try await read(.elsewhere).1 == 1)
            payments.clock.advance(by: .seconds(61))
            #expect(
                try await payments.poll(ScriptedGateway(refunds: [.refunded])).map(\.type) == [PaymentRefunded.type])
        }
    }

    @Test func `of nothing paid asks nobody`() async throws {
        try await withPayments { payments in
            var free = order
            free.discount = free.total
            free.final = .zero
            try await payments.deliver(ItemReserved(order: free))
            let outcome = try await payments.deliver(InventoryReturnHeld(order: free, refundID: refund))
            #expect(outcome.types == [PaymentRefunded.type])
            #expect(try await payments.state(of: free) == .refunded)
            #expect(try await payments.violations() == [])
        }
    }

    @Test func `of what is not captured is an alarm`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            guard case .permanent(.alarm, _) = try await payments.deliver(held()).fault else {
                Issue.record("no alarm")
                return
            }
        }
    }

    @Test func `is ended by what the gateway tells of it, once, and by nothing that it tells of another`() async throws
    {
        try await withCaptured { payments in
            try await payments.deliver(held())
            let early = try await payments.run(RecordGatewayEvent(event(.refundSucceeded, id: "a", of: refund)))
            #expect(early.outcome == .early)
            _ = try await payments.poll(ScriptedGateway(refunds: [.unknown(why: "silent")]))
            let foreign = try await payments.run(RecordGatewayEvent(event(.refundRefused, id: "b", of: nil)))
            #expect(foreign.outcome == .known)
            let refused = try await payments.run(RecordGatewayEvent(event(.refundRefused, id: "c", of: refund)))
            #expect(refused.outcome == .applied)
            #expect(refused.emitted.map(\.type) == [PaymentRefundRefused.type])

            let next = RefundID(UUID())
            try await payments.deliver(held(next))
            _ = try await payments.poll(ScriptedGateway(refunds: [.unknown(why: "silent")]))
            let late = try await payments.run(RecordGatewayEvent(event(.refundRefused, id: "d", of: refund)))
            #expect(late.outcome == .known)
            let succeeded = try await payments.run(RecordGatewayEvent(event(.refundSucceeded, id: "e", of: nil)))
            #expect(succeeded.outcome == .applied)
            #expect(succeeded.emitted.map(\.type) == [PaymentRefunded.type])
            let again = try await payments.run(RecordGatewayEvent(event(.refundSucceeded, id: "f", of: next)))
            #expect(again.outcome == .known)
        }
    }

    /// The gateway kept the money when the order was to be cancelled, and gave it back when an admin asked.
    @Test func `that followed a cancellation's refusal takes nothing from what is told of that, however late`()
        async throws
    {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(ScriptedGateway(charges: [.unknown(why: "silent")]))
            try await payments.deliver(OrderCancelRequested.fixture(order))
            _ = try await payments.run(RecordGatewayEvent(event(.chargeCaptured, id: "charge", of: nil)))
            _ = try await payments.poll(ScriptedGateway(refunds: [.refused(reason: "no")]))
            #expect(try await payments.state(of: order) == .captured)
            try await payments.deliver(held())
            _ = try await payments.poll(ScriptedGateway(refunds: [.refunded]))
            #expect(try await payments.state(of: order) == .refunded)
            let view = try await payments.view(of: order)
            #expect(view?.status == .refunded && view?.failure == nil, "no cancellation gave it back")

            let late = try await payments.run(RecordGatewayEvent(event(.refundRefused, id: "late", of: nil)))
            #expect(late.outcome == .known)
            let same = try await payments.run(RecordGatewayEvent(event(.refundSucceeded, id: "same", of: nil)))
            #expect(same.outcome == .known)
            #expect(try await payments.violations() == [])
        }
    }

    @Test func `is not known of a payment that its cancellation gave back`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(ScriptedGateway(charges: [.unknown(why: "silent")]))
            try await payments.deliver(OrderCancelRequested.fixture(order))
            _ = try await payments.run(RecordGatewayEvent(event(.chargeCaptured, id: "charge", of: nil)))
            _ = try await payments.poll(ScriptedGateway(refunds: [.refunded]))
            #expect(try await payments.view(of: order)?.failure?.cause == .user)
            let told = try await payments.run(RecordGatewayEvent(event(.refundRefused, id: "wrong", of: nil)))
            #expect(told.outcome == .contradiction)
        }
    }

    @Test func `that was refused and is told to have succeeded contradicts`() async throws {
        try await withPayments { payments in
            try await payments.deliver(ItemReserved(order: order))
            _ = try await payments.poll(ScriptedGateway(charges: [.captured(reference: "r")]))
            try await payments.deliver(held())
            _ = try await payments.poll(ScriptedGateway(refunds: [.refused(reason: "no")]))
            let told = try await payments.run(RecordGatewayEvent(event(.refundSucceeded, id: "a", of: refund)))
            #expect(told.outcome == .contradiction)
            #expect(try await payments.state(of: order) == .captured)
        }
    }
}
