import Coupons
import Foundation
import Items
import Notifications
import Orders
import PurchaseAPI
import PurchaseContracts
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import Users

/// The user and the items of one scenario.
struct DemoCast: Sendable {
    let user: UserID
    let items: [ItemID]
    let coupon: UserCouponID?
}

/// All services on one fresh store, composed as a server composes them, with nobody driving them yet.
struct DemoStage: Sendable {
    let database: any SQLDatabase
    let clock: DemoClock
    let pace: DemoPace
    let recorder = DemoRecorder()
    let gateway: DemoGateway
    let system: PurchaseSystem
    private let language: Language
    private let ids: UUIDv7Generator
    private let admin: UserID

    /// - Parameter database: empty and migrated, or not yet migrated.
    /// - Throws: ``SQLError`` if it is not SQLite or cannot be migrated.
    init(_ database: any SQLDatabase, language: Language, pace: DemoPace, machine: any SagaClock) async throws {
        let clock = DemoClock(machine)
        let recorder = recorder
        self.database = database
        self.clock = clock
        self.pace = pace
        self.language = language
        try await Migrator(PurchaseSystem.migrations(for: database.dialect)).migrate(
            database, now: clock.now().milliseconds)
        gateway = DemoGateway(
            database, clock: clock, recorder: recorder, wait: { try await Self.wait($0, clock: clock, pace: pace) })
        let random = SystemRandom()
        ids = UUIDv7Generator(clock: clock, random: random)
        let notifier = DemoNotifier(
            text: NotificationText(language == .ko ? .korean : .english), sink: { recorder.sent($0) })
        system = PurchaseSystem(
            databases: ServiceDatabases(database), transport: OneAtATime(transport: try EmbeddedTransport(database)),
            ports: .init(
                clock: clock, ids: ids, random: random, observer: recorder, gateway: gateway, notifiers: [notifier]),
            // What watches is no part of the story.
            gatewayLanes: 1, audit: nil)
        admin = UserID(ids.next())
    }

    /// Lets the story's time pass.
    func wait(_ duration: Duration) async throws { try await Self.wait(duration, clock: clock, pace: pace) }

    private static func wait(_ duration: Duration, clock: DemoClock, pace: DemoPace) async throws {
        clock.goOn(after: duration)
        if !pace.skipsWaits { try await pace.pause(duration) }
    }

    func standing(of cast: DemoCast, order: OrderID?) async throws -> DemoStanding {
        try await database.read { try DemoStanding(of: cast, order: order, in: $0) }
    }

    /// Makes what a scenario needs: a customer with money, items, a coupon. Nobody is told of it yet.
    func prepare(_ scenario: DemoScenario) async throws -> DemoCast {
        let user = try await system.commands(of: UsersParticipant.service).run(
            EnsureUser(
                name: "demo-\(scenario.name.rawValue)-\(UserID(ids.next()))", balance: Money(scenario.balance),
                slotCapacity: scenario.slots)
        ).id
        var items: [ItemID] = []
        for line in scenario.lines {
            let item = try await system.commands(of: ItemsParticipant.service).run(
                CreateItem(
                    name: line.product.name(in: language), price: Money(line.price), stock: line.stock, actor: admin))
            items.append(item.id)
        }
        return DemoCast(user: user, items: items, coupon: try await coupon(scenario.coupon, for: user))
    }

    private func coupon(_ offered: DemoScenario.OfferedCoupon?, for user: UserID) async throws -> UserCouponID? {
        guard let offered else { return nil }
        let coupons = system.commands(of: CouponsParticipant.service)
        let rule = CouponRule(
            discount: .percentage(basisPoints: 1_000, cap: nil), minOrderAmount: Money(offered.minimum),
            totalQuantity: 1)
        let coupon = try await coupons.run(CreateCoupon(rule: rule, actor: admin)).id
        return try await coupons.run(IssueCoupon(coupon: coupon, user: user, actor: admin)).id
    }

    func place(_ scenario: DemoScenario, _ cast: DemoCast) async throws -> OrderView {
        let lines = zip(cast.items, scenario.lines).map { OrderRequest.Line(itemID: $0, quantity: $1.quantity) }
        let order = try await system.commands(of: OrdersParticipant.service).run(
            PlaceOrder(
                request: OrderRequest(userID: cast.user, lines: lines, coupon: cast.coupon.map(CouponChoice.owned)),
                actor: cast.user, idempotency: nil,
                settings: OrderSettings(currency: .krw, timeout: scenario.timeout))
        ).order
        switch scenario.gateway {
        case .captures: gateway.behave(.captures)
        case .declines: gateway.behave(.declines)
        // A little longer: a call that begins just before the deadline and ends after it must be lost, too.
        case .losesAnswersUntilDeadline: gateway.behave(.loses(until: order.deadline + .milliseconds(100)))
        }
        return order
    }
}

/// Tells the customer by telling the recorder.
private struct DemoNotifier: Notifier {
    let channel = "console"
    let text: NotificationText
    let sink: @Sendable (String) -> Void

    func send(_ message: NotificationMessage) { sink(text.line(for: message)) }
}

extension DemoScenario.Product {
    /// What the shop calls it.
    public func name(in language: Language) -> String {
        switch (self, language) {
        case (.lamp, .en): "Lamp"
        case (.lamp, .ko): "램프"
        case (.chair, .en): "Chair"
        case (.chair, .ko): "의자"
        }
    }
}
