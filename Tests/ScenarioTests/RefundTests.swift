import Inventory
import Journeys
import Orders
import Payments
import PurchaseApp
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Testing

@Suite struct `An order that an admin refunds` {
    private func completed(in world: World) async throws -> Purchase {
        let purchase = try await Purchase(in: world)
        try await world.runUntilRest()
        try await purchase.expectCompleted(in: world)
        return purchase
    }

    private func open(_ purchase: Purchase, in world: World) async throws -> RefundView {
        guard case .opened(let refund) = try await world.refund(purchase.order) else { throw NotOpened() }
        return refund
    }

    struct NotOpened: Error {}

    @Test(arguments: Schedule.modes)
    func `is reversed in every place, once`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let purchase = try await completed(in: world)
        _ = try await open(purchase, in: world)
        #expect(try await world.order(purchase.order).settledAt == nil)
        try await world.finish()
        try await purchase.expectRefunded(in: world)
        let told = try await world.database.read {
            try $0.rows("SELECT template FROM notifications_messages WHERE order_id = \(purchase.order)").map {
                try $0.text("template")
            }
        }
        #expect(told.sorted() == ["order.completed", "order.refunded"])
        #expect(try await world.refund(purchase.order) == .notCompleted(.refunded))
        #expect(try await world.cancel(purchase.order, by: purchase.user) == .tooLate(.refunded))
        try await world.finish()
    }

    @Test(arguments: Schedule.modes)
    func `keeps its goods and its money where they are if the gateway refuses, and may be refunded later`(
        schedule: Schedule
    ) async throws {
        let world = try await World(schedule)
        let purchase = try await completed(in: world)
        world.gateway.script(purchase.order) { $0.refunds = false }
        let first = try await open(purchase, in: world)
        try await world.finish()
        try await purchase.expectCompleted(in: world)
        let view = try await world.order(purchase.order)
        #expect(view.refund?.state == .failed)
        #expect(view.refund?.refusal?.code == .refundRefused)

        world.gateway.script(purchase.order) { $0.refunds = true }
        #expect(try await open(purchase, in: world).id != first.id)
        try await world.finish()
        try await purchase.expectRefunded(in: world)
    }

    @Test(arguments: Schedule.modes, [true, false])
    func `waits for a gateway that does not answer, and asks it again`(schedule: Schedule, arrives: Bool) async throws {
        let world = try await World(schedule)
        let purchase = try await completed(in: world)
        let silentUntil = world.clock.now() + .seconds(100)
        world.gateway.script(purchase.order) { script in
            script.refundsSilentUntil = silentUntil
            script.arrives = arrives
        }
        _ = try await open(purchase, in: world)
        try await world.run(for: .seconds(60))
        let holdings = try await world.holdings(purchase.user, purchase.item)
        // Nobody uses the goods that are being paid back, and nobody else gets their slot.
        #expect(holdings.goods.isEmpty)
        #expect(holdings.slotsReserved == 1)
        #expect(holdings.available == 8_200)
        let payment = try await world.database.read { try PaymentQueries($0).payment(of: purchase.order)?.status }
        #expect(payment == .refunding)
        guard case .alreadyOpen = try await world.refund(purchase.order) else {
            Issue.record("a second refund was opened")
            return
        }
        try await world.finish()
        try await purchase.expectRefunded(in: world)
    }

    @Test(.onItsOwnNetwork) func `is not asked of the gateway if nothing was paid`() async throws {
        let world = try await World()
        let user = try await world.user(balance: 0)
        let item = try await world.item(price: 0)
        let before = try await world.holdings(user, item)
        let order = try await world.place(user, [item: 3])
        try await world.runUntilRest()
        world.gateway.script { $0.refunds = false }
        _ = try await world.refund(order)
        try await world.finish()
        var expected = before
        expected.stock[item]?.sold = 3
        #expect(try await world.order(order).shown == .refunded)
        #expect(try await world.holdings(user, item) == expected)
    }

    /// What was bought twice is returned once.
    @Test(.onItsOwnNetwork) func `leaves what its user bought with another order`() async throws {
        let world = try await World()
        let user = try await world.user(balance: 10_000)
        let item = try await world.item(price: 1_000)
        let kept = try await world.place(user, [item: 1])
        let returned = try await world.place(user, [item: 2])
        try await world.runUntilRest()
        _ = try await world.refund(returned)
        try await world.finish()
        let holdings = try await world.holdings(user, item)
        #expect(holdings.goods == [item: 1])
        #expect(holdings.slotsUsed == 1)
        #expect(holdings.available == 9_000)
        #expect(try await world.order(kept).shown == .completed)
    }

    @Test(.onItsOwnNetwork) func `is refused if its user no longer has the goods`() async throws {
        let world = try await World()
        let purchase = try await completed(in: world)
        // Nothing in this system uses goods up; a row that was lost stands for it.
        let lose: @Sendable (Int64) async throws -> Void = { quantity in
            try await world.database.write { transaction in
                _ = try transaction.execute(
                    """
                    UPDATE inventory_goods SET quantity = \(quantity)
                    WHERE user_id = \(purchase.user) AND item_id = \(purchase.item)
                    """)
            }
        }
        try await lose(1)
        _ = try await open(purchase, in: world)
        try await world.runUntilRest()
        let view = try await world.order(purchase.order)
        #expect(view.shown == .completed)
        #expect(view.refund?.state == .failed)
        #expect(view.refund?.refusal?.code == .goodsGone)
        try await lose(2)
        try await world.finish()
        try await purchase.expectCompleted(in: world)
    }

    @Test(.onItsOwnNetwork) func `of a user who may no longer buy is refunded all the same`() async throws {
        let world = try await World()
        let purchase = try await completed(in: world)
        try await world.deactivate(purchase.user)
        _ = try await open(purchase, in: world)
        try await world.finish()
        try await purchase.expectRefunded(in: world)
    }

    /// Deliveries whose loss leaves a refund open.
    static let healed: [StuckStep] = [
        StuckStep(group: "inventory", type: OrderRefundRequested.type),
        StuckStep(group: "payments", type: InventoryReturnHeld.type),
        StuckStep(group: "inventory", type: PaymentRefunded.type),
        StuckStep(group: "items", type: PaymentRefunded.type),
        StuckStep(group: "users", type: PaymentRefunded.type), StuckStep(group: "orders", type: InventoryReturned.type),
        StuckStep(group: "orders", type: ItemRestocked.type), StuckStep(group: "orders", type: WalletCredited.type),
        StuckStep(group: "inventory", type: PaymentRefundRefused.type),
        StuckStep(group: "orders", type: InventoryReturnCancelled.type),
    ]

    @Test(.onItsOwnNetwork, arguments: healed)
    func `is sent again after 30 seconds if a delivery was lost for good`(lost: StuckStep) async throws {
        let world = try await World()
        let purchase = try await completed(in: world)
        let isRefused = [PaymentRefundRefused.type, InventoryReturnCancelled.type].contains(lost.type)
        world.gateway.script(purchase.order) { $0.refunds = !isRefused }
        _ = try await open(purchase, in: world)
        world.network.interfere(with: lost.type, to: lost.group, .lost(times: 1))
        try await world.run(for: .seconds(29))
        #expect(world.network.matches == 1)
        #expect(try await world.order(purchase.order).settledAt == nil)
        try await world.run(for: .seconds(3))
        #expect(try await world.order(purchase.order).settledAt != nil)
        try await world.finish()
        if isRefused {
            try await purchase.expectCompleted(in: world)
        } else {
            try await purchase.expectRefunded(in: world)
        }
    }

    /// The notice of the order's first end, held back until the refund is open, closes nothing that is open again.
    @Test(.onItsOwnNetwork, arguments: ["inventory", "payments", "items", "users"] as [ServiceID])
    func `is not closed by the notice that it was settled before`(service: ServiceID) async throws {
        let world = try await World()
        world.network.interfere(with: OrderSettled.type, to: service, .until(world.clock.now() + .seconds(60)))
        let purchase = try await Purchase(in: world)
        try await world.run(for: .seconds(50))
        let silentUntil = world.clock.now() + .seconds(40)
        world.gateway.script(purchase.order) { $0.refundsSilentUntil = silentUntil }
        _ = try await open(purchase, in: world)
        try await world.finish()
        try await purchase.expectRefunded(in: world)
    }

    /// Refunds asked for at any moment, also twice, of orders that a gateway may keep the money of.
    @Test(.onItsOwnNetwork, arguments: 1...4 as ClosedRange<UInt64>)
    func `at any moment has one outcome`(seed: UInt64) async throws {
        for polls in stride(from: 0, through: 120, by: 24) {
            let mode: DeliveryMode = [.inOrder, .shuffled, .duplicated, .shuffledAndDuplicated][Int(seed) % 4]
            let world = try await World(Schedule(mode: mode, seed: seed &* 1_000 &+ UInt64(polls)))
            let purchase = try await completed(in: world)
            world.gateway.script(purchase.order) { $0.refunds = (polls / 24) % 2 == 0 }
            _ = try await open(purchase, in: world)
            for _ in 0..<polls { try await world.pollOnce() }
            _ = try await world.refund(purchase.order)
            try await world.finish()
            if try await world.order(purchase.order).shown == .refunded {
                try await purchase.expectRefunded(in: world)
            } else {
                try await purchase.expectCompleted(in: world)
            }
        }
    }

    /// Both are waited for, and the coupon for longer.
    @Test(.onItsOwnNetwork) func `does not hide that its coupon's use is not acknowledged`() async throws {
        let world = try await World()
        let (user, item) = (try await world.user(balance: 100_000), try await world.item())
        let copy = try await world.copy(of: world.coupon(), for: user)
        world.network.interfere(with: OrderCompleted.type, to: "coupons", .until(world.clock.now() + .seconds(60)))
        let order = try await world.place(user, [item: 1], coupon: .owned(copy))
        try await world.run(for: .seconds(15))
        let silentUntil = world.clock.now() + .seconds(60)
        world.gateway.script(order) { $0.refundsSilentUntil = silentUntil }
        guard case .opened = try await world.refund(order) else { throw NotOpened() }
        try await world.run(for: .seconds(5))
        let journey = try await world.journey(of: order)
        #expect(
            journey.expected.map { "\($0.event) from \($0.owner)" } == [
                "coupon.used from coupons", "payment.refunded from payments",
            ])
        #expect(journey.verdict.isStuck && journey.verdict.parameters[.owner] == "coupons")
        try await world.finish()
        #expect(try await world.journey(of: order).verdict.code == .settled)
    }

    @Test(.onItsOwnNetwork) func `names the gateway that has its money if another one is in use`() async throws {
        let world = try await World()
        let purchase = try await completed(in: world)
        let silentUntil = world.clock.now() + .seconds(60)
        world.gateway.script(purchase.order) { $0.refundsSilentUntil = silentUntil }
        _ = try await open(purchase, in: world)
        try await world.run(for: .seconds(2))
        for (book, code) in [(GatewayBook.elsewhere, JourneyVerdict.Code.otherGateway), (.here, .gatewayUnknown)] {
            let reader = JourneyReader(
                ServiceDatabases(world.database), clock: world.clock, participants: PurchaseSystem.participants(),
                stateTables: PurchaseSystem.stateTables, gateway: book)
            try await world.say()
            let verdict = try #require(try await reader.journey(of: purchase.order)).verdict
            #expect(verdict.code == code)
            let stuck = try await reader.sagas(.stuck, limit: 10).sagas.map(\.order.id)
            #expect(stuck == (code == .otherGateway ? [purchase.order] : []))
            guard code == .otherGateway else { continue }
            #expect(verdict.parameters[.gateway] == "simulated" && verdict.actions == [.openPayment])
        }
        try await world.finish()
        try await purchase.expectRefunded(in: world)
    }

    /// The event comes once more by itself; what could not be read stays, and would change nothing any more.
    @Test(
        .onItsOwnNetwork,
        arguments: [
            StuckStep(group: "inventory", type: OrderRefundRequested.type),
            StuckStep(group: "payments", type: InventoryReturnHeld.type),
            StuckStep(group: "users", type: PaymentRefunded.type),
            StuckStep(group: "inventory", type: PaymentRefunded.type),
            StuckStep(group: "items", type: PaymentRefunded.type),
        ])
    func `lets a copy that cannot be read be forgotten once it has ended, and not before`(garbled: StuckStep)
        async throws
    {
        let world = try await World()
        let purchase = try await completed(in: world)
        world.network.interfere(with: garbled.type, to: garbled.group, of: purchase.order.uuid, .corrupt)
        _ = try await open(purchase, in: world)
        try await world.run(for: .seconds(5))
        let parked = try await world.database.read { try ParkedMessages.list(limit: 10, in: $0) }
        #expect(parked.map(\.consumer) == [garbled.group] && parked.map(\.type) == [garbled.type])
        let letter = try #require(parked.first)
        let letters = world.system.deadLetters(as: "api", clock: world.clock, ids: world.ids)
        let request = InterventionRequest(by: nil, reason: "a garbled copy")
        await expectUndecided { _ = try await letters.discard(.one(letter.id), request) }
        world.network.behave()
        try await world.finish(parked: 1)
        try await purchase.expectRefunded(in: world)
        let operation = try await letters.discard(.one(letter.id), request)
        #expect(operation.items.map(\.state) == [.discarded])
        try await world.finish()
        try await purchase.expectRefunded(in: world)
    }

    /// Decision 33: the notice of the order's first end closes the row after its part of the refund is done, and Orders has given up on
    /// the answer. Nobody sends it again then; it is not lost either: it waits as a dead letter that nobody may forget.
    @Test(.onItsOwnNetwork)
    func `whose answer is a dead letter goes on from that alone, if the notice of its first end closed the row`()
        async throws
    {
        let world = try await World()
        let late = world.clock.now() + .seconds(30)
        world.network.interfere(with: OrderSettled.type, to: "inventory", .until(late))
        let purchase = try await Purchase(in: world)
        try await world.run(for: .seconds(20))
        world.network.interfere(with: InventoryReturned.type, to: "orders", .corrupt)
        _ = try await open(purchase, in: world)
        try await world.run(for: .seconds(5))
        let events: @Sendable (any SQLTransaction) throws -> [Envelope] = { transaction in
            try OutboxReader.held(of: purchase.order.uuid, in: transaction).filter { $0.type == InventoryReturned.type }
        }
        let sound = try #require(try await world.database.read(events).first)
        try await world.run(for: .seconds(400))
        #expect(try await world.order(purchase.order).refund?.state == .open)
        let isClosed = try await world.database.read {
            try $0.first("SELECT settled FROM inventory_saga WHERE subject = \(purchase.order)")?.bool("settled")
        }
        #expect(isClosed == true)
        #expect(try await world.database.read(events).isEmpty, "nobody can send it again")
        let journey = try await world.journey(of: purchase.order)
        #expect(journey.verdict.code == .parked && journey.verdict.advice == "parked-for-good")

        let parked = try await world.database.read { try ParkedMessages.list(limit: 10, in: $0) }
        #expect(parked.count == 1)
        let letter = try #require(parked.first)
        let letters = world.system.deadLetters(as: "api", clock: world.clock, ids: world.ids)
        let request = InterventionRequest(by: nil, reason: "its fields were lost")
        await expectUndecided { _ = try await letters.discard(.one(letter.id), request) }
        world.network.behave()
        _ = try await letters.edit(letter.id, DeadLetterEdit(data: sound.data), request)
        _ = try await letters.replay(.one(letter.id), request)
        world.clock.advance(by: .seconds(1))
        _ = try await world.activity("orders.consumer").poll()
        try await world.finish()
        try await purchase.expectRefunded(in: world)
    }

    /// What `purchase explain` says of a refund that hangs: it is not settled, and whose turn it is has a name.
    @Test(
        .onItsOwnNetwork,
        arguments: [
            (StuckStep(group: "inventory", type: OrderRefundRequested.type), "inventory", "inventory.return.held"),
            (StuckStep(group: "payments", type: InventoryReturnHeld.type), "payments", "payment.refunded"),
            (StuckStep(group: "items", type: PaymentRefunded.type), "items", "item.restocked"),
            (StuckStep(group: "orders", type: WalletCredited.type), "orders", "order.refunded"),
            (StuckStep(group: "inventory", type: PaymentRefundRefused.type), "inventory", "inventory.return.cancelled"),
        ])
    func `is explained while it hangs`(stuck: StuckStep, owner: String, event: String) async throws {
        let world = try await World()
        let purchase = try await completed(in: world)
        world.gateway.script(purchase.order) { $0.refunds = stuck.type != PaymentRefundRefused.type }
        world.network.interfere(with: stuck.type, to: stuck.group, .until(world.clock.now() + .seconds(25)))
        _ = try await open(purchase, in: world)
        try await world.run(for: .seconds(20))
        let journey = try await world.journey(of: purchase.order)
        #expect(journey.expected.map { "\($0.event) from \($0.owner)" } == ["\(event) from \(owner)"])
        #expect(journey.verdict.code != .settled)
        #expect(journey.verdict.isStuck)
        try await world.finish()
        #expect(try await world.journey(of: purchase.order).verdict.code == .settled)
    }

    /// Nobody may forget it: whether its service is done with it is not known.
    private func expectUndecided(
        _ discard: () async throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
    ) async {
        do {
            try await discard()
            Issue.record("it was discarded", sourceLocation: sourceLocation)
        } catch DeadLetterRefusal.undecided {
        } catch {
            Issue.record(error, sourceLocation: sourceLocation)
        }
    }
}
