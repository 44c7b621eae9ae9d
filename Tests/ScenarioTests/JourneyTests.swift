import Audit
import FoundationEssentials
import Orders
import PurchaseApp
import PurchaseContracts
import SagaChoreography
import SagaSQL
import Testing

@testable import Journeys

/// How one order of a journey's tests ends.
enum JourneyEnd: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case bought, tooPoor, noSlot, soldOut, declined, cancelled, recalled, refunded, kept

    var testDescription: String { rawValue }

    /// Plays it to its end.
    func play(in world: World) async throws -> (order: OrderID, user: UserID, item: ItemID, before: Holdings) {
        let user = try await world.user(balance: self == .tooPoor ? 10 : 100_000, slots: self == .noSlot ? 0 : 100)
        let item = try await world.item(stock: self == .soldOut ? 1 : 10)
        let coupon = try await world.copy(of: world.coupon(), for: user)
        let before = try await world.holdings(user, item)
        let order = try await world.place(user, [item: 2], coupon: .owned(coupon))
        let waits = [.cancelled, .recalled].contains(self)
        let silentUntil = world.clock.now() + .seconds(100)
        world.gateway.script(order) { script in
            if self == .declined || waits { GatewayEnd.declined.apply(to: &script) }
            if waits { script.silentUntil = silentUntil }
        }
        if waits { try await world.run(for: .seconds(50)) }
        if self == .cancelled { #expect(try await world.cancel(order, by: user) == .requested) }
        if self == .recalled { #expect(try await world.cancelReservation(of: order)) }
        if self == .refunded || self == .kept {
            try await world.runUntilRest()
            world.gateway.script(order) { $0.refunds = self == .refunded }
            guard case .opened = try await world.refund(order) else { throw World.NoSuchOrder(id: order) }
        }
        try await world.finish()
        return (order, user, item, before)
    }
}

extension World {
    /// A reader that remembers nothing of before.
    func journeys(isTrailKept: Bool = true) -> JourneyReader {
        system.journeys(trail: isTrailKept ? AuditReader(database) : nil)
    }

    func journey(of order: OrderID, isTrailKept: Bool = true) async throws -> Journey {
        try #require(try await journeys(isTrailKept: isTrailKept).journey(of: order))
    }

    /// The orders that somebody has to look at.
    func stuck() async throws -> [OrderID] {
        try await journeys().sagas(.stuck, limit: 100).sagas.map(\.order.id)
    }

    /// A process says that it runs all services but these.
    func say(running absent: Set<ServiceID> = [], pauses: [ServicePresence.Pause] = []) async throws {
        let process = UUID(uuid: (7, 0, 0, 0, 0, 0, 0x79, 9, 0x89, 9, 9, 9, 9, 9, 9, 9))
        let services = Set(PurchaseSystem.stateTables.keys).subtracting(absent)
        let presence = ServicePresence(of: services, as: process, on: database, clock: clock, pauses: { pauses })
        try await presence.leave()
        _ = try await presence.poll()
    }
}

@Suite struct `The journey of an order` {
    @Test(arguments: JourneyEnd.allCases, Schedule.modes)
    func `tells the states and amounts that the rows have, whatever way the events took`(
        end: JourneyEnd, schedule: Schedule
    ) async throws {
        let world = try await World(schedule)
        let (order, user, item, before) = try await end.play(in: world)
        let after = try await world.holdings(user, item)
        for isTrailKept in [true, false] {
            let journey = try await world.journey(of: order, isTrailKept: isTrailKept)
            #expect(journey.verdict.code == .settled)
            #expect(journey.expected.isEmpty && journey.verdict.actions.isEmpty && !journey.verdict.isStuck)
            #expect(journey.isWhole || !isTrailKept, "\(journey.reactions.flatMap(\.emitted).filter { $0.id == nil })")
            var replayed: [ServiceID: String] = [:]
            for reaction in journey.reactions { replayed[reaction.consumer] = reaction.stateAfter }
            for (service, row) in journey.states {
                #expect(replayed[service] == row.state, "\(service), \(isTrailKept): \(journey.told)")
            }
            #expect(!journey.reactions.contains { $0.disposition == .waiting }, "\(journey.told)")
            let sums = journey.sums
            #expect(sums[.walletAvailable, default: 0] == after.available - before.available, "\(journey.told)")
            #expect(sums[.walletHeld, default: 0] == after.held - before.held)
            #expect(sums[.walletCaptured, default: 0] == after.captured - after.refunded - before.captured)
            #expect(
                sums[.stockAvailable, default: 0] == (after.stock[item]?.stock ?? 0) - (before.stock[item]?.stock ?? 0))
            #expect(sums[.goodsOwned, default: 0] == after.goods[item, default: 0])
        }
    }

    @Test(arguments: Schedule.modes)
    func `tells causes before their effects, each event once`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let (order, _, _, _) = try await JourneyEnd.bought.play(in: world)
        let journey = try await world.journey(of: order)
        var known: Set<UUID> = []
        for reaction in journey.reactions {
            if let cause = reaction.event?.id { #expect(known.contains(cause), "\(reaction)") }
            for id in reaction.emitted.compactMap(\.id) { #expect(known.insert(id).inserted) }
        }
        let types = journey.reactions.flatMap(\.emitted).map(\.type)
        #expect(types.first == CouponValidationRequested.type)
        #expect(Set(types).isSuperset(of: [PaymentReserved.type, ItemReserved.type, OrderCompleted.type]))
    }

    @Test(.onItsOwnNetwork) func `is not there for an order that is not`() async throws {
        let world = try await World()
        #expect(try await world.journeys().journey(of: OrderID(UUID())) == nil)
    }
}

extension Journey {
    /// For a test that fails.
    var told: [String] {
        reactions.map { reaction in
            let event = reaction.event?.type.name ?? "-"
            let emitted = reaction.emitted.map(\.type.name).joined(separator: "+")
            return "\(event) @ \(reaction.consumer): \(reaction.disposition.rawValue) \(reaction.stateBefore ?? "-") → "
                + "\(reaction.stateAfter ?? "-") [\(emitted)]"
        }
    }

    var sums: [JourneyDelta.Place: Int64] {
        reactions.flatMap(\.deltas).reduce(into: [:]) { $0[$1.place, default: 0] += $1.amount }
    }
}

@Suite struct `What the observer knows of a step` {
    private let graph = ChoreographyGraph(PurchaseSystem.participants())

    @Test(arguments: StepRule.all.map(\.service))
    func `is what the choreography says`(service: ServiceID) throws {
        let rule = try #require(StepRule.byService[service])
        for event in [rule.takes, rule.refuses, rule.keeps, rule.returns] {
            #expect(graph.emitters(of: event) == [service], "\(event)")
        }
        #expect(graph.consumers(of: rule.refuses).contains("orders"))
        #expect(graph.consumers(of: rule.keeps).contains("orders"))
        #expect(graph.consumers(of: rule.returns).contains("orders"))
    }

    @Test func `leads from the payment back to whoever is next`() {
        func next(_ happened: EventType...) -> [String] {
            graph.next(toward: PaymentProcessed.type, after: Set(happened)).map { "\($0.event) from \($0.owner)" }
        }
        #expect(next(OrderCreated.type) == ["payment.reserved from users"])
        #expect(next(OrderCreated.type, PaymentReserved.type) == ["inventory.reserved from inventory"])
        #expect(
            next(OrderCreated.type, PaymentReserved.type, InventoryReserved.type) == ["item.reserved from items"])
        #expect(
            next(OrderCreated.type, PaymentReserved.type, InventoryReserved.type, ItemReserved.type)
                == ["payment.processed from payments"])
        #expect(next() == ["coupon.validated from coupons"] || next() == ["payment.processed from payments"])
    }
}
