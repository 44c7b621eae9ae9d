import Items
import Orders
import Payments
import PurchaseContracts
import SagaChoreography
import Synchronization
import Testing

@Suite struct `An order that its user cancels` {
    @Test(.onItsOwnNetwork, arguments: StuckStep.all, [DeliveryMode.inOrder, .shuffledAndDuplicated])
    func `before the gateway was called ends CANCELLED, and the late step takes nothing`(
        step: StuckStep, mode: DeliveryMode
    ) async throws {
        let world = try await World(Schedule(mode: mode, seed: 21))
        world.network.interfere(with: step.type, to: step.group, .until(world.clock.now() + .seconds(80)))
        let purchase = try await Purchase(in: world)
        try await world.run(for: .seconds(25))
        let pending = [CouponValidationRequested.type, CouponValidated.type].contains(step.type)
        #expect(try await world.order(purchase.order).state == (pending ? .pending : .processing))
        #expect(try await world.cancel(purchase.order, by: purchase.user) == .requested)
        try await world.finish()

        try await purchase.expectUndone(.cancelled, .user, .orderCancelled, in: world)
        #expect(world.gateway.charges(of: purchase.order) == 0)
        #expect(world.network.matches > 0)
    }

    @Test(arguments: GatewayEnd.allCases, Schedule.modes)
    func `while the gateway does not answer waits for its answer, which decides`(
        end: GatewayEnd, schedule: Schedule
    ) async throws {
        let world = try await World(schedule)
        let purchase = try await Purchase(in: world)
        let silentUntil = world.clock.now() + .seconds(100)
        world.gateway.script(purchase.order) { script in
            end.apply(to: &script)
            script.silentUntil = silentUntil
            script.arrives = schedule.seed % 2 == 0
        }
        try await world.run(for: .seconds(30))
        #expect(world.gateway.charges(of: purchase.order) > 0)
        #expect(try await world.cancel(purchase.order, by: purchase.user) == .requested)
        try await world.run(for: .seconds(30))
        #expect(try await world.order(purchase.order).state == .processing)
        #expect(try await world.order(purchase.order).cancelRequested == .user)
        try await world.finish()

        switch end {
        case .captured, .declined:
            try await purchase.expectUndone(.cancelled, .user, .orderCancelled, in: world)
        case .refundRefused: try await purchase.expectCompleted(in: world)
        }
        let payment = try await world.database.read { try PaymentQueries($0).payment(of: purchase.order)?.status }
        #expect(payment == (end == .captured ? .refunded : end == .declined ? .declined : .captured))
    }

    /// The two places in which a request can meet a call that is under way: Payments has read it before the answer comes, or
    /// not.
    @Test(.onItsOwnNetwork, arguments: GatewayEnd.allCases, [true, false])
    func `during the call has one outcome, whichever is recorded first`(end: GatewayEnd, isRead: Bool) async throws {
        let world = try await World()
        let purchase = try await Purchase(in: world)
        world.gateway.script(purchase.order) { end.apply(to: &$0) }
        world.gateway.duringCharge { order in
            guard world.gateway.charges(of: order) == 1 else { return }
            _ = try await world.cancel(order, by: purchase.user)
            world.pulse.beat()
            if isRead { _ = try await world.activity("payments.consumer").poll() }
        }
        try await world.finish()

        switch (end, isRead) {
        case (.declined, _), (.captured, true):
            try await purchase.expectUndone(.cancelled, .user, .orderCancelled, in: world)
        case (.captured, false), (.refundRefused, _): try await purchase.expectCompleted(in: world)
        }
    }

    @Test(arguments: Schedule.modes)
    func `after the capture is too late`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let purchase = try await Purchase(in: world)
        try await world.run(for: .seconds(60)) {
            [.confirmed, .completed].contains(try await world.order(purchase.order).state)
        }
        let state = try await world.order(purchase.order).state
        #expect(try await world.cancel(purchase.order, by: purchase.user) == .tooLate(state))
        try await world.finish()
        try await purchase.expectCompleted(in: world)
    }

    @Test(.onItsOwnNetwork) func `can be cancelled by nobody else`() async throws {
        let world = try await World()
        let purchase = try await Purchase(in: world)
        #expect(try await world.cancel(purchase.order, by: try await world.user()) == .notFound)
        try await world.finish()
        try await purchase.expectCompleted(in: world)
    }

    /// The request comes after any number of polls in any order; capture and cancellation race through the whole system.
    @Test(.onItsOwnNetwork, arguments: 1...4 as ClosedRange<UInt64>)
    func `at any moment has exactly one outcome`(seed: UInt64) async throws {
        var outcomes: Set<OrderState> = []
        for polls in stride(from: 0, through: 180, by: 12) {
            let mode: DeliveryMode = [.inOrder, .shuffled, .duplicated, .shuffledAndDuplicated][Int(seed) % 4]
            let world = try await World(Schedule(mode: mode, seed: seed &* 1_000 &+ UInt64(polls)))
            let purchase = try await Purchase(in: world)
            world.pulse.beat()
            for _ in 0..<polls { try await world.pollOnce() }
            let answer = try await world.cancel(purchase.order, by: purchase.user)
            try await world.finish()

            let state = try await world.order(purchase.order).shown
            outcomes.insert(state)
            if state == .completed {
                try await purchase.expectCompleted(in: world)
            } else {
                #expect(answer == .requested)
                try await purchase.expectUndone(.cancelled, .user, .orderCancelled, in: world)
            }
        }
        #expect(outcomes.contains(.cancelled))
    }
}
