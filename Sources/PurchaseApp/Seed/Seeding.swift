import Coupons
import Items
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import Users

/// What ``Seeding`` puts into a store.
public struct SeedPlan: Sendable {
    /// `shopper-1`, `shopper-2`, …: each with ``balance`` in the wallet.
    public var users: Int
    /// `item-1`, `item-2`, …: each with ``price`` and ``stock``.
    public var items: Int
    /// `SEED-1`, `SEED-2`, …: ten per cent off, for everyone who types the code.
    public var coupons: Int
    public var balance: Money
    public var price: Money
    public var stock: Int64
    /// How often each coupon can be taken.
    public var couponQuantity: Int64

    /// Takes what its properties say.
    public init(
        users: Int = 10, items: Int = 10, coupons: Int = 1, balance: Money = Money(1_000_000),
        price: Money = Money(1_000), stock: Int64 = 1_000, couponQuantity: Int64 = 1_000
    ) {
        self.users = users
        self.items = items
        self.coupons = coupons
        self.balance = balance
        self.price = price
        self.stock = stock
        self.couponQuantity = couponQuantity
    }
}

/// What is there after ``Seeding``, whether it was made now or earlier.
public struct Seeded: Sendable {
    public var users: [UserID] = []
    public var items: [ItemID] = []
    public var couponCodes: [String] = []
    /// How much of it is new.
    public var newUsers = 0
    public var newItems = 0
    public var newCoupons = 0
}

/// Puts users, items and coupons with known names into a store; again is harmless, more adds what is missing.
public struct Seeding: Sendable {
    /// Commands that run at once, to share commits.
    private static let lanes = 64

    private let system: PurchaseSystem

    public init(_ system: PurchaseSystem) { self.system = system }

    /// - Parameter progress: how many things of how many are there.
    /// - Throws: what the services' commands throw; what was made until then stays.
    public func run(
        _ plan: SeedPlan, progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
    ) async throws -> Seeded {
        let total = plan.users + plan.items + plan.coupons
        var seeded = Seeded()
        let users = system.commands(of: UsersParticipant.service)
        let made = try await each(
            plan.users, tell: { progress($0, total) },
            make: { try await users.run(EnsureUser(name: "shopper-\($0)", balance: plan.balance)) })
        seeded.users = made.map(\.id)
        seeded.newUsers = made.count(where: \.isNew)

        let items = system.commands(of: ItemsParticipant.service)
        let goodsPlace = system.databases[ItemsParticipant.service]
        let known = try await goodsPlace.read { transaction in
            try ItemQueries(transaction).count()
        }
        let goods = try await each(
            plan.items, tell: { progress(plan.users + $0, total) },
            make: { try await items.run(EnsureItem(name: "item-\($0)", price: plan.price, stock: plan.stock)) })
        seeded.items = goods.map(\.id)
        seeded.newItems = try await goodsPlace.read { try ItemQueries($0).count() } - known

        let admin = try await users.run(EnsureUser(name: "seed-admin", roles: [.admin])).id
        let coupons = system.commands(of: CouponsParticipant.service)
        let created = try await each(
            plan.coupons, tell: { progress(plan.users + plan.items + $0, total) },
            make: { number in
                do {
                    _ = try await coupons.run(
                        CreateCoupon(
                            rule: CouponRule(
                                code: "SEED-\(number)", discount: .percentage(basisPoints: 1_000, cap: nil),
                                totalQuantity: plan.couponQuantity), actor: admin))
                    return true
                } catch CouponsRefusal.codeTaken {
                    return false
                }
            })
        seeded.couponCodes = (0..<plan.coupons).map { "SEED-\($0 + 1)" }
        seeded.newCoupons = created.count { $0 }
        progress(total, total)
        return seeded
    }

    private func each<Made: Sendable>(
        _ count: Int, tell progress: (Int) -> Void, make: @escaping @Sendable (Int) async throws -> Made
    ) async throws -> [Made] {
        var all: [Made] = []
        all.reserveCapacity(count)
        for first in stride(from: 1, through: count, by: Self.lanes) {
            let numbers = first...min(count, first + Self.lanes - 1)
            let part = try await withThrowingTaskGroup(of: (Int, Made).self) { group in
                for number in numbers { group.addTask { (number, try await make(number)) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            all += part.sorted { $0.0 < $1.0 }.map(\.1)
            progress(all.count)
        }
        return all
    }
}

extension Seeding {
    /// Whether Orders has heard of all of these items, so that they can be ordered.
    ///
    /// - Parameter items: their ids; what is no id is known to nobody.
    /// - Throws: ``SQLError``.
    public static func areForSale(_ items: [String], on database: any SQLDatabase) async throws -> Bool {
        let ids = items.compactMap { ItemID($0) }
        guard ids.count == items.count else { return false }
        let revisions = Dictionary(ids.map { ($0, Int64(1)) }, uniquingKeysWith: max)
        return try await database.read { try OrderQueries($0).hasItems(revisions) }
    }
}
