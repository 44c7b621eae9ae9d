import Coupons
import FoundationEssentials
import Items
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
import Users

/// Customers and staff: they do what the script says, and ask again when they get no answer.
final class ShopClients: Sendable {
    private struct State {
        var users: [UserID] = []
        var items: [ItemID] = []
        var coupon: CouponID?
        var copies: [UserCouponID] = []
        var busy = 0
        /// The orders that answers named, by the number of the request.
        var placed: [Int: Set<OrderID>] = [:]
        var replays = 0
        var refunds: Set<String> = []
    }

    private static let admin = UserID(UUID(uuid: (9, 9, 9, 9, 9, 9, 0x79, 9, 0x89, 9, 9, 9, 9, 9, 9, 9)))
    private static let code = "FIRST"

    private let world: ShopWorld
    private let script: Script
    private let state = Mutex(State())
    private var simulation: Simulation { world.simulation }

    init(_ world: ShopWorld, _ script: Script) {
        self.world = world
        self.script = script
    }

    /// Everybody has done what he wanted.
    var areDone: Bool { state.withLock { $0.busy == 0 } }
    /// Orders that were placed.
    var placed: Int { state.withLock { $0.placed.count } }
    /// Requests that made more than one order, by their numbers.
    var doubled: [Int] { state.withLock { $0.placed.filter { $1.count > 1 }.keys.sorted() } }
    /// Whether a request sent twice was answered with the same order.
    var hadReplay: Bool { state.withLock { $0.replays > 0 } }

    /// What refunds that were asked for met.
    var refunds: Set<String> { state.withLock { $0.refunds } }

    // MARK: Before the doors open

    func setUp() throws {
        let ids = UUIDv7Generator(clock: simulation.clock, random: simulation.random(for: "set up"))
        func run<C: Command>(_ command: C) throws -> C.Outcome where C.Transaction == any SQLTransaction {
            let now = simulation.clock.now()
            return try world.store.write { transaction in
                let decision = try command.execute(in: Step(transaction: transaction, now: now, ids: ids))
                let events = try (decision.emitted?.events ?? []).map {
                    try Envelope.seal($0, id: ids.next(), source: "set-up", time: now)
                }
                try SQLSagaStore(world.store.database).append(events, in: transaction)
                return decision.outcome
            }
        }
        let coupon = try run(
            CreateCoupon(
                rule: CouponRule(discount: .percentage(basisPoints: script.discount, cap: nil), totalQuantity: 100),
                actor: Self.admin)
        ).id
        _ = try run(
            CreateCoupon(
                rule: CouponRule(code: Self.code, discount: .fixed(Money(700)), totalQuantity: script.codes),
                actor: Self.admin))
        state.withLock { $0.coupon = coupon }
        for user in script.users {
            let id = try run(CreateUser(name: ids.next().uuidString, slotCapacity: user.slots))
            _ = try run(Deposit(user: id, amount: Money(user.balance), reason: "opening balance"))
            let copy = try run(IssueCoupon(coupon: coupon, user: id, actor: Self.admin)).id
            state.withLock { state in
                state.users.append(id)
                state.copies.append(copy)
            }
        }
        for item in script.items {
            let id = try run(
                CreateItem(name: "sword", price: Money(item.price), stock: item.stock, actor: Self.admin)
            ).id
            state.withLock { $0.items.append(id) }
        }
    }

    // MARK: Open

    /// Sends everybody in.
    func open() {
        for order in script.orders {
            enter(at: order.at) { await $0.place(order, isRepeat: false) }
            if order.isSentTwice { enter(at: order.at + .milliseconds(1)) { await $0.place(order, isRepeat: true) } }
        }
        for (at, errand) in script.errands { enter(at: at) { await $0.run(errand) } }
        let dice = simulation.random(for: "operator")
        for (at, repair) in script.repairs { enter(at: at) { await ShopOperator($0.world, dice).run(repair) } }
    }

    private func enter(at delay: Duration, _ body: @escaping @Sendable (ShopClients) async -> Void) {
        state.withLock { $0.busy += 1 }
        simulation.start { [self] in
            await simulation.sleep(for: delay)
            await body(self)
            state.withLock { $0.busy -= 1 }
        }
    }

    /// How an attempt ended that is not worth another one.
    private struct Refused: Error {}

    /// Asks until there is an answer.
    private func ask<Answer: Sendable>(
        _ service: ServiceID, _ body: @Sendable (SQLCommands) async throws -> Answer
    ) async -> Answer? {
        while true {
            guard let system = world.system(for: service) else {
                await simulation.sleep(for: .milliseconds(700))
                continue
            }
            do {
                return try await body(system.commands(of: service))
            } catch OrdersRefusal.itemNotFound {
                // The catalogue has not come to Orders yet.
                await simulation.sleep(for: .milliseconds(900))
            } catch let refusal where SagaFault(refusal).isRefusal {
                return nil
            } catch {
                await simulation.sleep(for: .milliseconds(400))
            }
        }
    }

    private func place(_ order: Script.Order, isRepeat: Bool) async {
        let (users, items, copies) = state.withLock { ($0.users, $0.items, $0.copies) }
        let user = users[order.user]
        let coupon: CouponChoice? =
            switch order.coupon {
            case .copy: .owned(copies[order.user])
            case .code: .code(Self.code)
            case nil: nil
            }
        let command = PlaceOrder(
            request: OrderRequest(
                userID: user, lines: order.lines.map { .init(itemID: items[$0.item], quantity: $0.quantity) },
                coupon: coupon),
            actor: user,
            idempotency: .init(
                subject: user, operation: "POST /orders", key: "order \(order.number)",
                bodyHash: String(repeating: "0", count: 64)),
            settings: OrderSettings(currency: .krw, timeout: script.timeout))
        guard let placement = await ask("orders", { try await $0.run(command) }) else { return }
        state.withLock { state in
            state.placed[order.number, default: []].insert(placement.order.id)
            if placement.isReplay { state.replays += 1 }
        }
        guard !isRepeat else { return }
        let id = placement.order.id
        simulation.story.tell(
            simulation.clock.now(),
            "customer \(order.user) placed order \(order.number): \(id), final \(placement.order.final.minorUnits)")
        for (number, delay) in order.refunds.enumerated() {
            enter(at: delay) { await $0.refund(id, key: "refund \(order.number) \(number)") }
        }
        for cancel in order.cancels { enter(at: cancel.after) { await $0.cancel(id, by: cancel.who, owner: user) } }
    }

    private func cancel(_ order: OrderID, by who: Script.Cancel.Who, owner: UserID) async {
        simulation.story.tell(simulation.clock.now(), "\(who) wants order \(order) undone")
        switch who {
        case .user: _ = await ask("orders") { try await $0.run(CancelOrder(order: order, requestedBy: .user(owner))) }
        case .admin:
            _ = await ask("orders") { try await $0.run(CancelOrder(order: order, requestedBy: .admin(Self.admin))) }
        case .warehouse:
            guard
                let reservation = try? world.store.read({ try ItemQueries($0).reservations(ofOrder: order).first?.id })
            else { return }
            _ = await ask("items") {
                try await $0.run(
                    RequestReservationCancel(reservation: reservation, actor: Self.admin, reason: "damaged"))
            }
        }
    }

    /// Opens a refund once the order is completed; sent twice under one key, since the answer may have been lost.
    private func refund(_ order: OrderID, key: String) async {
        let request = IdempotencyRequest(
            subject: Self.admin, operation: "refund", key: key, bodyHash: String(repeating: "0", count: 64))
        let command = OpenRefund(order: order, reason: "regret", actor: Self.admin, idempotency: request)
        for _ in 0..<40 {
            let answer = await ask("orders") { try await $0.run(command) }
            switch answer {
            case .notCompleted(.pending), .notCompleted(.processing), .notCompleted(.confirmed):
                await simulation.sleep(for: .milliseconds(1_500))
            case .opened:
                simulation.story.tell(simulation.clock.now(), "an admin refunds order \(order)")
                if case .replay? = await ask("orders", { try await $0.run(command) }) {
                    state.withLock { _ = $0.refunds.insert("a refund asked for twice under one key") }
                }
                return
            case .alreadyOpen:
                return state.withLock { _ = $0.refunds.insert("a refund asked for while one is open") }
            case .notCompleted(.refunded):
                return state.withLock { _ = $0.refunds.insert("a refund asked for after one that succeeded") }
            case .replay, .notCompleted, .notFound, nil: return
            }
        }
    }

    private func run(_ errand: Script.Errand) async {
        let (users, items, coupon) = state.withLock { ($0.users, $0.items, $0.coupon) }
        switch errand {
        case .deposit(let user, let amount):
            let key = "deposit \(user) \(amount)"
            _ = await ask("users") {
                try await $0.run(Deposit(user: users[user], amount: Money(amount), reason: "cash", key: key))
            }
        case .stock(let item, let pieces):
            _ = await ask("items") {
                try await $0.run(
                    SetStock(item: items[item], newStock: pieces, reason: "count", actor: Self.admin))
            }
        case .sale(let item, let isOn):
            _ = await ask("items") {
                try await $0.run(ChangeItem(item: items[item], isOnSale: isOn, actor: Self.admin, reason: "season"))
            }
        case .active(let user, let isActive):
            _ = await ask("users") {
                try await $0.run(
                    SetActive(user: users[user], isActive: isActive, actor: Self.admin, reason: "review"))
            }
        case .coupon(let isActive):
            guard let coupon else { return }
            _ = await ask("coupons") {
                try await $0.run(SetCouponActive(coupon: coupon, isActive: isActive, actor: Self.admin))
            }
        case .price(let item, let amount):
            _ = await ask("items") {
                try await $0.run(
                    ChangeItem(item: items[item], price: Money(amount), actor: Self.admin, reason: "season"))
            }
        }
    }
}

extension SagaFault {
    /// An answer of the business: asking again would not change it.
    fileprivate var isRefusal: Bool {
        switch self {
        case .unavailable: false
        case .retryable(let text): !text.contains("injected")
        case .permanent: true
        }
    }
}
