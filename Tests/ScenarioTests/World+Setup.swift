import Coupons
import FoundationEssentials
import Inventory
import Items
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import Users

extension World {
    static let admin = UserID(UUID(uuid: (9, 9, 9, 9, 9, 9, 0x79, 9, 0x89, 9, 9, 9, 9, 9, 9, 9)))

    /// A customer with money in his wallet.
    func user(balance: Int64 = 100_000, slots: Int64 = 100) async throws -> UserID {
        let users = system.commands(of: UsersParticipant.service)
        let id = try await users.run(CreateUser(name: ids.next().uuidString, slotCapacity: slots))
        if balance > 0 { _ = try await users.run(Deposit(user: id, amount: Money(balance), reason: "opening balance")) }
        return id
    }

    func deactivate(_ user: UserID) async throws {
        _ = try await system.commands(of: UsersParticipant.service).run(
            SetActive(user: user, isActive: false, actor: Self.admin, reason: "test"))
    }

    /// An item that can be ordered.
    func item(price: Int64 = 1_000, stock: Int64 = 10, category: CategoryID? = nil) async throws -> ItemID {
        let id = try await newItem(price: price, stock: stock, category: category)
        try await waitForCatalog([id])
        return id
    }

    /// An item of which Orders may not know yet.
    func newItem(price: Int64 = 1_000, stock: Int64 = 10, category: CategoryID? = nil) async throws -> ItemID {
        try await system.commands(of: ItemsParticipant.service).run(
            CreateItem(name: "sword", categoryID: category, price: Money(price), stock: stock, actor: Self.admin)
        ).id
    }

    func waitForCatalog(_ items: [ItemID]) async throws {
        try await run(for: .seconds(10)) {
            try await database.read {
                try OrderQueries($0).hasItems(Dictionary(uniqueKeysWithValues: items.map { ($0, 1) }))
            }
        }
    }

    func takeOffSale(_ item: ItemID) async throws {
        _ = try await system.commands(of: ItemsParticipant.service).run(
            ChangeItem(item: item, isOnSale: false, actor: Self.admin, reason: "test"))
    }

    /// A coupon; 10 % off everything for ever unless told otherwise.
    func coupon(
        code: String? = nil, _ discount: Discount = .percentage(basisPoints: 1_000, cap: nil), minimum: Int64 = 0,
        scope: CouponScope = .all, quantity: Int64 = 100, validity: CouponValidity = .standard
    ) async throws -> CouponID {
        try await system.commands(of: CouponsParticipant.service).run(
            CreateCoupon(
                rule: CouponRule(
                    code: code, discount: discount, minOrderAmount: Money(minimum), scope: scope,
                    totalQuantity: quantity,
                    validity: validity), actor: Self.admin)
        ).id
    }

    /// A user's copy of a coupon.
    func copy(of coupon: CouponID, for user: UserID) async throws -> UserCouponID {
        try await system.commands(of: CouponsParticipant.service).run(
            IssueCoupon(coupon: coupon, user: user, actor: Self.admin)
        ).id
    }

    /// Places an order and watches it.
    func place(
        _ user: UserID, _ lines: KeyValuePairs<ItemID, Int64>, coupon: CouponChoice? = nil, key: String? = nil
    ) async throws -> OrderID {
        let placement = try await placement(user, lines, coupon: coupon, key: key)
        history.watch(placement.order.id)
        return placement.order.id
    }

    func placement(
        _ user: UserID, _ lines: KeyValuePairs<ItemID, Int64>, coupon: CouponChoice? = nil, key: String? = nil
    ) async throws -> Placement {
        let request = OrderRequest(
            userID: user, lines: lines.map { .init(itemID: $0.key, quantity: $0.value) }, coupon: coupon)
        return try await system.commands(of: OrdersParticipant.service).run(
            PlaceOrder(
                request: request, actor: user,
                idempotency: key.map { .init(subject: user, operation: "POST /orders", key: $0, bodyHash: "same") },
                settings: OrderSettings(currency: .krw, timeout: Self.timeout)))
    }

    /// The user wants his order undone.
    func cancel(_ order: OrderID, by user: UserID) async throws -> CancelAnswer {
        try await system.commands(of: OrdersParticipant.service).run(
            CancelOrder(order: order, requestedBy: .user(user)))
    }

    /// An admin wants a completed order reversed.
    func refund(_ order: OrderID) async throws -> RefundAnswer {
        try await system.commands(of: OrdersParticipant.service).run(
            OpenRefund(order: order, reason: "damaged", actor: Self.admin))
    }

    /// A manager wants the reservation of an order undone; `false` if there is none that can be.
    func cancelReservation(of order: OrderID) async throws -> Bool {
        let reservations = try await database.read { try ItemQueries($0).reservations(ofOrder: order) }
        guard let reservation = reservations.first, reservation.status == .reserved else { return false }
        _ = try await system.commands(of: ItemsParticipant.service).run(
            RequestReservationCancel(reservation: reservation.id, actor: Self.admin, reason: "damaged"))
        return true
    }
}

// MARK: Reading

extension World {
    struct NoSuchOrder: Error { let id: OrderID }

    func order(_ id: OrderID) async throws -> OrderView {
        let view = try await database.read { try OrderQueries($0).order(id) }
        guard let view else { throw NoSuchOrder(id: id) }
        return view
    }

    /// What a user and an item have, as one comparable value.
    func holdings(_ user: UserID, _ items: ItemID...) async throws -> Holdings {
        try await database.read { try Holdings(of: user, items, in: $0) }
    }
}

/// Everything that an order can take: a failed one must leave it as it found it.
struct Holdings: Sendable, Hashable {
    struct Stock: Sendable, Hashable {
        var stock: Int64
        var reserved: Int64
        var sold: Int64
    }

    var available: Int64
    var held: Int64
    var captured: Int64
    var refunded: Int64
    var slotsUsed: Int64
    var slotsReserved: Int64
    var goods: [ItemID: Int64]
    var stock: [ItemID: Stock]
    var coupons: [UserCouponID: UserCouponStatus]

    struct Missing: Error {}

    init(of user: UserID, _ items: [ItemID], in transaction: any SQLTransaction) throws {
        guard let balance = try UserQueries(transaction).balance(of: user) else { throw Missing() }
        available = balance.available.minorUnits
        held = balance.held.minorUnits
        captured = balance.captured.minorUnits
        refunded = balance.refunded.minorUnits
        let inventory = InventoryQueries(transaction)
        let slots = try inventory.slots(of: user)
        slotsUsed = slots.used
        slotsReserved = slots.reserved
        goods = Dictionary(
            uniqueKeysWithValues: try inventory.goods(of: user).filter { $0.quantity > 0 }.map {
                ($0.itemID, $0.quantity)
            })
        stock = [:]
        for id in items {
            guard let item = try ItemQueries(transaction).item(id) else { throw Missing() }
            stock[id] = Stock(stock: item.stock, reserved: item.reserved, sold: item.sold)
        }
        coupons = Dictionary(
            uniqueKeysWithValues: try CouponQueries(transaction).userCoupons(of: user).map { ($0.id, $0.status) })
    }
}
