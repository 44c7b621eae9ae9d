import Orders
import PurchaseContracts
import SagaChoreography
import Testing

/// Which step says no, and why.
enum FailingStep: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case inactiveUser, shortBalance, slotsFull, shortStock, offSale, declined

    var testDescription: String { rawValue }

    var cause: Cause { self == .declined ? .declined : .refused }

    var code: RefusalCode {
        switch self {
        case .inactiveUser: .userInactive
        case .shortBalance: .insufficientBalance
        case .slotsFull: .slotsFull
        case .shortStock: .insufficientStock
        case .offSale: .itemOffSale
        case .declined: .paymentDeclined
        }
    }
}

@Suite struct `A step that refuses` {
    static let schedules = [
        Schedule(mode: .embedded, seed: 1), Schedule(mode: .duplicated, seed: 1), Schedule(mode: .shuffled, seed: 2),
        Schedule(mode: .shuffledAndDuplicated, seed: 3), Schedule(mode: .shuffledAndDuplicated, seed: 4),
    ]

    @Test(arguments: FailingStep.allCases, schedules)
    func `fails the order, and everything is back as before`(step: FailingStep, schedule: Schedule) async throws {
        let world = try await World(schedule)
        let user = try await world.user(
            balance: step == .shortBalance ? 3_599 : 100_000, slots: step == .slotsFull ? 1 : 100)
        // The first line could be had: all or none must hold over both.
        let items = [try await world.item(price: 1_000), try await world.item(price: 2_000, stock: 1)]
        let copy = try await world.copy(of: try await world.coupon(), for: user)
        if step == .inactiveUser { try await world.deactivate(user) }
        let before = try await world.holdings(user, items[0], items[1])

        let order = try await world.place(
            user, [items[0]: 2, items[1]: step == .shortStock ? 2 : 1], coupon: .owned(copy))
        // The price was right when the order was placed; the sale ended before its turn came.
        if step == .offSale { try await world.takeOffSale(items[1]) }
        if step == .declined { world.gateway.script(order) { $0.captures = false } }
        try await world.finish()

        let view = try await world.order(order)
        #expect(view.shown == .failed)
        #expect(view.cause == step.cause)
        #expect(view.refusal?.code == step.code)
        #expect(try await world.holdings(user, items[0], items[1]) == before)
        #expect(world.gateway.charges(of: order) == (step == .declined ? 1 : 0))
    }

    @Test(arguments: schedules)
    func `shows PROCESSING, undone n of m, until everything is undone, and only then FAILED`(
        schedule: Schedule
    ) async throws {
        let world = try await World(schedule)
        let user = try await world.user()
        let item = try await world.item()
        let copy = try await world.copy(of: try await world.coupon(), for: user)
        let order = try await world.place(user, [item: 1], coupon: .owned(copy))
        world.gateway.script(order) { $0.captures = false }
        try await world.finish()

        let sights = world.history.sights(of: order)
        let undoing = sights.filter { $0.undone != nil }
        #expect(undoing.first?.undone?.done == 0)
        #expect(undoing.allSatisfy { $0.shown == .processing && $0.outcome == .failed && $0.undone?.of == 4 })
        #expect(sights.last == .init(state: .failed, shown: .failed, outcome: nil, undone: nil))
        #expect(sights.filter { $0.shown == .failed }.count == 1)
    }

    @Test(.onItsOwnNetwork) func `without coupon has three things to undo`() async throws {
        let world = try await World()
        let order = try await world.place(try await world.user(balance: 0), [try await world.item(): 1])
        try await world.finish()
        #expect(world.history.sights(of: order).compactMap(\.undone?.of).allSatisfy { $0 == 3 })
        #expect(try await world.order(order).shown == .failed)
    }

    @Test(arguments: schedules)
    func `leaves other orders of the same user and item alone`(schedule: Schedule) async throws {
        let world = try await World(schedule)
        let user = try await world.user(balance: 5_000)
        let item = try await world.item(price: 1_000, stock: 5)
        let declined = try await world.place(user, [item: 1])
        world.gateway.script(declined) { $0.captures = false }
        let bought = try await world.place(user, [item: 3])
        let tooMuch = try await world.place(user, [item: 9])
        try await world.finish()

        #expect(try await world.order(declined).refusal?.code == .paymentDeclined)
        #expect(try await world.order(bought).shown == .completed)
        #expect(try await world.order(tooMuch).refusal?.code == .insufficientBalance)
        let after = try await world.holdings(user, item)
        #expect(after.available == 2_000)
        #expect(after.goods == [item: 3])
        #expect(after.stock[item] == .init(stock: 2, reserved: 0, sold: 3))
    }
}
