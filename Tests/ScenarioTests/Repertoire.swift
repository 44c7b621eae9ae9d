import Coupons
import Items
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import Testing

/// What becomes of an order, and through which step: together they make every event of the choreography happen.
enum Part: String, Sendable, CaseIterable {
    case bought, withoutCoupon, tooPoor, noSlot, soldOut, declined, cancelled, recalled, overdue
    /// Bought, and to be refunded: it is, or the gateway keeps the money, or the goods are gone.
    case refunded, kept, goodsGone

    var hasCoupon: Bool { ![.tooPoor, .noSlot, .soldOut].contains(self) }

    var isRefund: Bool { [.refunded, .kept, .goodsGone].contains(self) }

    /// How it ends when nothing interferes.
    var ending: Ending {
        switch self {
        case .bought, .kept, .goodsGone: Ending(.completed)
        case .refunded: Ending(.refunded)
        case .withoutCoupon: Ending(.failed, .couponNotFound)
        case .tooPoor: Ending(.failed, .insufficientBalance)
        case .noSlot: Ending(.failed, .slotsFull)
        case .soldOut: Ending(.failed, .insufficientStock)
        case .declined: Ending(.failed, .paymentDeclined)
        case .cancelled: Ending(.cancelled, .orderCancelled)
        case .recalled: Ending(.failed, .reservationCancelled)
        case .overdue: Ending(.failed, .orderDeadline)
        }
    }
}

/// How an order ended, as its client sees it.
struct Ending: Sendable, Hashable, CustomStringConvertible {
    let state: OrderState
    let code: RefusalCode?

    init(_ state: OrderState, _ code: RefusalCode? = nil) {
        self.state = state
        self.code = code
    }

    var description: String { "\(state.rawValue) \(code?.rawValue ?? "")" }
}

/// One order of each part, each with a user and an item of its own, so that nothing but the network connects them.
struct Repertoire {
    struct Act {
        let user: UserID
        let item: ItemID
        let coupon: CouponChoice?
        let before: Holdings
        var order: OrderID?
    }

    let world: World
    let parts: [Part]
    private(set) var acts: [Part: Act] = [:]
    /// When the orders were placed.
    private(set) var placedAt = Timestamp(milliseconds: 0)

    /// Makes users, coupons and items; Orders hears of the items while the network behaves as it is told.
    init(_ parts: [Part] = Part.allCases, in world: World) async throws {
        self.world = world
        self.parts = parts
        for part in parts {
            let user = try await world.user(balance: part == .tooPoor ? 1_999 : 10_000, slots: part == .noSlot ? 0 : 10)
            let item = try await world.newItem(price: 1_000, stock: part == .soldOut ? 1 : 5)
            var coupon: CouponChoice?
            if part == .withoutCoupon {
                coupon = .owned(UserCouponID(world.ids.next()))
            } else if part.hasCoupon {
                coupon = .owned(try await world.copy(of: try await world.coupon(), for: user))
            }
            acts[part] = Act(
                user: user, item: item, coupon: coupon, before: try await world.holdings(user, item), order: nil)
        }
        if let item = acts[.bought]?.item {
            _ = try await world.system.commands(of: ItemsParticipant.service).run(
                ChangeItem(item: item, name: "longsword", actor: World.admin, reason: "renamed"))
        }
    }

    /// Places the orders, and lets users, managers and the gateway do what their parts say.
    ///
    /// - Parameter running: told when the system begins to run, and when only people act.
    mutating func play(running: (Bool) -> Void = { _ in }) async throws {
        placedAt = world.clock.now()
        let deadline = placedAt + World.timeout
        for part in parts {
            guard let act = acts[part] else { continue }
            let order = try await world.place(act.user, [act.item: 2], coupon: act.coupon)
            acts[part]?.order = order
            let placedAt = placedAt
            world.gateway.script(order) { script in
                switch part {
                case .declined: script.captures = false
                case .cancelled, .recalled: script.silentUntil = placedAt + .seconds(20)
                case .overdue: script.silentUntil = deadline + .seconds(20)
                case .kept: script.refunds = false
                case .bought, .withoutCoupon, .tooPoor, .noSlot, .soldOut, .refunded, .goodsGone: break
                }
            }
        }
        if parts.contains(.bought) { try await warnSomebody() }
        running(true)
        try await world.run(for: .seconds(10))
        running(false)
        if let act = acts[.cancelled], let order = act.order { _ = try await world.cancel(order, by: act.user) }
        if let order = acts[.recalled]?.order { _ = try await world.cancelReservation(of: order) }
        running(true)
        try await untilCompleted()
        running(false)
        try await refund(running)
    }

    /// What is to be refunded is bought first, however long that takes.
    private func untilCompleted() async throws {
        let orders = parts.filter(\.isRefund).compactMap { acts[$0]?.order }
        guard !orders.isEmpty else { return }
        try await world.run(for: .seconds(240)) { [world] in
            for order in orders where try await world.order(order).shown != .completed { return false }
            return true
        }
    }

    private func refund(_ running: (Bool) -> Void) async throws {
        // Nothing in this system uses goods up; a row that says less stands for it, until Inventory has looked.
        if let act = acts[.goodsGone] { try await own(1, of: act) }
        for part in parts where part.isRefund {
            guard let order = acts[part]?.order else { throw NotPlayed() }
            guard case .opened = try await world.refund(order) else { throw NotPlayed() }
        }
        guard let act = acts[.goodsGone], let order = act.order else { return }
        running(true)
        try await world.run(for: .seconds(240)) { [world] in
            try await world.database.read {
                try $0.first("SELECT 1 AS one FROM inventory_returns WHERE order_id = \(order)") != nil
            }
        }
        running(false)
        try await own(2, of: act)
    }

    private func own(_ pieces: Int64, of act: Act) async throws {
        try await world.database.write { transaction in
            _ = try transaction.execute(
                """
                UPDATE inventory_goods SET quantity = \(pieces) WHERE user_id = \(act.user) AND item_id = \(act.item)
                """)
        }
    }

    /// A coupon of somebody who orders nothing expires tomorrow.
    private func warnSomebody() async throws {
        let coupon = try await world.coupon(validity: .relative(days: 1))
        _ = try await world.copy(of: coupon, for: try await world.user())
        _ = try await world.activity("coupons.expiry-warning-worker").poll()
    }

    func ending(of part: Part) async throws -> Ending {
        guard let order = acts[part]?.order else { throw NotPlayed() }
        let view = try await world.order(order)
        return Ending(view.shown, view.refusal?.code)
    }

    struct NotPlayed: Error {}

    /// Every wallet, shelf, inventory and coupon says exactly what the orders' endings say, and every user was told once.
    func expectAmountsFollowEndings(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        for part in parts {
            guard let act = acts[part], let order = act.order else { throw NotPlayed() }
            var expected = act.before
            if try await ending(of: part).state == .completed {
                let paid: Int64 = act.coupon == nil ? 2_000 : 1_800
                expected.available -= paid
                expected.captured += paid
                expected.slotsUsed += 1
                expected.goods = [act.item: 2]
                expected.stock[act.item]?.stock -= 2
                expected.stock[act.item]?.sold += 2
                expected.coupons = expected.coupons.mapValues { _ in .used }
            } else if try await ending(of: part).state == .refunded {
                expected.captured += 1_800
                expected.refunded += 1_800
                expected.stock[act.item]?.sold += 2
                expected.coupons = expected.coupons.mapValues { _ in .used }
            }
            #expect(try await world.holdings(act.user, act.item) == expected, "\(part)", sourceLocation: sourceLocation)
            let told = try await world.database.read {
                try $0.rows("SELECT 1 AS one FROM notifications_messages WHERE order_id = \(order) AND state = 'SENT'")
                    .count
            }
            #expect(told == (part == .refunded ? 2 : 1), "messages to \(part)", sourceLocation: sourceLocation)
        }
    }
}
