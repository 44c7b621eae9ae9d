import Coupons
import Inventory
import Items
import Orders
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Users

/// Compares what every service says of a settled order. No query joins two services' tables: each is asked for its own rows.
struct SettledOrderCheck {
    /// What the services say of several orders.
    struct Accounts: Sendable {
        var wallets: [OrderID: WalletSettlement] = [:]
        var goods: [OrderID: InventorySettlement] = [:]
        var stock: [OrderID: ItemsSettlement] = [:]
        var payments: [OrderID: PaymentSettlement] = [:]
        var coupons: [OrderID: CouponsSettlement] = [:]

        init() {}

        /// - Throws: ``SQLError``.
        init(of ids: [OrderID], in transaction: any SQLTransaction) throws {
            wallets = try UserQueries(transaction).settlement(of: ids)
            goods = try InventoryQueries(transaction).settlement(of: ids)
            stock = try ItemQueries(transaction).settlement(of: ids)
            payments = try PaymentQueries(transaction).settlement(of: ids)
            coupons = try CouponQueries(transaction).settlement(of: ids)
        }

        /// Each service's where it is, at a moment of its own.
        ///
        /// - Throws: ``SQLError``.
        init(of ids: [OrderID], in databases: ServiceDatabases) async throws {
            wallets = try await databases[UsersParticipant.service].read { try UserQueries($0).settlement(of: ids) }
            goods = try await databases[InventoryParticipant.service].read {
                try InventoryQueries($0).settlement(of: ids)
            }
            stock = try await databases[ItemsParticipant.service].read { try ItemQueries($0).settlement(of: ids) }
            payments = try await databases[PaymentsParticipant.service].read {
                try PaymentQueries($0).settlement(of: ids)
            }
            coupons = try await databases[CouponsParticipant.service].read {
                try CouponQueries($0).settlement(of: ids)
            }
        }
    }

    private let accounts: Accounts

    init(_ accounts: Accounts) { self.accounts = accounts }

    /// One settled order as all services see it.
    struct Picture {
        let order: OrderSettlement
        let wallet: WalletSettlement?
        let goods: InventorySettlement?
        let stock: ItemsSettlement?
        let payment: PaymentSettlement?
        let coupon: CouponsSettlement?
    }

    /// What is wrong with these orders.
    func violations(of orders: [OrderSettlement]) -> [VerifyReport.Violation] {
        orders.flatMap { order in
            Self.violations(
                of: Picture(
                    order: order, wallet: accounts.wallets[order.id], goods: accounts.goods[order.id],
                    stock: accounts.stock[order.id], payment: accounts.payments[order.id],
                    coupon: accounts.coupons[order.id]))
        }
    }

    static func violations(of picture: Picture) -> [VerifyReport.Violation] {
        var found: [VerifyReport.Violation] = []
        func check(_ id: String, _ sentence: String, _ holds: Bool) {
            if !holds { found.append(.init(check: id, sentence: sentence, what: "order \(picture.order.id)")) }
        }
        let order = picture.order
        check("orders.settled-complete", "a settled order has every acknowledgement that is due", order.missing.isEmpty)
        check(
            "orders.nothing-held", "no hold or reservation of a settled order is left",
            picture.wallet?.isHeld != true && picture.goods?.isHeld != true && picture.stock?.isHeld != true
                && picture.coupon?.isHeld != true)
        check(
            "orders.amounts", "final is total less discount",
            (try? order.total.subtracting(order.discount)) == order.final)
        switch order.state {
        case .completed: completed(picture, check)
        case .refunded: refunded(picture, check)
        case .failed, .cancelled: undone(picture, check)
        case .pending, .processing, .confirmed:
            check("orders.settled-end", "a settled order has ended", false)
        }
        return found
    }

    private static func completed(_ picture: Picture, _ check: (String, String, Bool) -> Void) {
        let order = picture.order
        check(
            "orders.completed-wallet", "a completed order's wallet hold is captured, with its final amount",
            picture.wallet?.state == .captured && picture.wallet?.amount == order.final
                && picture.wallet?.userID == order.userID)
        check(
            "orders.completed-goods", "a completed order's goods are granted, each line in full",
            picture.goods?.state == .granted && picture.goods?.quantities == order.quantities
                && picture.goods?.userID == order.userID)
        check(
            "orders.completed-stock", "a completed order's stock is sold, each line in full",
            picture.stock?.state == .sold && picture.stock?.quantities == order.quantities)
        check(
            "orders.completed-payment", "the gateway's net of a completed order is its final amount",
            picture.payment?.state == .captured && picture.payment?.gatewayNet == order.final)
        check(
            "orders.completed-coupon", "a completed order's coupon is used, by nobody else",
            order.hasCoupon ? picture.coupon?.state == .used : picture.coupon?.state != .used)
    }

    private static func refunded(_ picture: Picture, _ check: (String, String, Bool) -> Void) {
        let order = picture.order
        check(
            "orders.refunded-payment", "the gateway's net of a refunded order is 0",
            picture.payment?.state == .refunded && picture.payment?.gatewayNet == .zero
                && picture.payment?.amount == order.final)
        check(
            "orders.refunded-wallet", "a refunded order's wallet is credited with its final amount",
            picture.wallet?.state == .refunded && picture.wallet?.amount == order.final
                && picture.wallet?.userID == order.userID)
        check(
            "orders.refunded-goods", "a refunded order's goods are returned, every one of them",
            picture.goods?.state == .returned && picture.goods?.quantities.isEmpty == true)
        check(
            "orders.refunded-stock", "a refunded order's stock is restocked, each line in full",
            picture.stock?.state == .restocked && picture.stock?.quantities == order.quantities)
        check(
            "orders.refunded-coupon", "a refunded order's coupon stays used, by nobody else",
            order.hasCoupon ? picture.coupon?.state == .used : picture.coupon?.state != .used)
    }

    private static func undone(_ picture: Picture, _ check: (String, String, Bool) -> Void) {
        check(
            "orders.undone-payment", "the gateway's net of an undone order is 0",
            (picture.payment?.gatewayNet ?? .zero) == .zero && picture.payment?.state != .captured)
        // Nor anything that was given back by a refund: only what was completed is refunded.
        check(
            "orders.undone-wallet", "an undone order has captured nothing",
            picture.wallet.map { $0.state != .captured && $0.state != .refunded } ?? false)
        check(
            "orders.undone-goods", "an undone order has granted nothing",
            picture.goods.map { ![.granted, .returning, .returned].contains($0.state) } ?? false)
        check(
            "orders.undone-stock", "an undone order has sold nothing",
            picture.stock.map { $0.state != .sold && $0.state != .restocked } ?? false)
        check(
            "orders.undone-coupon", "an undone order has used no coupon",
            picture.order.hasCoupon ? picture.coupon.map { $0.state != .used } ?? false : picture.coupon?.state != .used
        )
    }
}
