import Coupons
import Inventory
import Items
import Orders
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import Users

/// Something that an order takes, gives or moves. The order of the cases is that in which they are shown.
public enum DemoQuantity: String, Sendable, Hashable, CaseIterable, Encodable, CodingKeyRepresentable {
    case couponsUsable, couponsHeld, couponsUsed
    /// Minor units of money in the user's wallet.
    case walletAvailable, walletHeld, walletCaptured
    case slotsReserved, slotsUsed
    /// Pieces that the user owns.
    case goodsOwned
    case stockFree, stockReserved, stockSold
    /// Minor units that the gateway took and did not give back.
    case gatewayNet
}

/// Where one order, its user and its items stand, in one snapshot: two of them side by side say what a step did.
struct DemoStanding: Sendable {
    /// The state of each service's row for the order.
    private(set) var states: [String: String] = [:]
    private(set) var amounts: [DemoQuantity: Int64] = [:]
    private(set) var missing: [String] = []
    private(set) var order: OrderView?

    init(of cast: DemoCast, order id: OrderID?, in transaction: any SQLTransaction) throws {
        try readUser(cast.user, transaction)
        for id in cast.items {
            guard let item = try ItemQueries(transaction).item(id) else { continue }
            amounts[.stockFree, default: 0] += item.stock
            amounts[.stockReserved, default: 0] += item.reserved
            amounts[.stockSold, default: 0] += item.sold
        }
        if let id { try readOrder(id, transaction) }
    }

    private mutating func readUser(_ user: UserID, _ transaction: any SQLTransaction) throws {
        if let wallet = try UserQueries(transaction).balance(of: user) {
            amounts[.walletAvailable] = wallet.available.minorUnits
            amounts[.walletHeld] = wallet.held.minorUnits
            amounts[.walletCaptured] = wallet.captured.minorUnits
        }
        let inventory = InventoryQueries(transaction)
        let slots = try inventory.slots(of: user)
        amounts[.slotsUsed] = slots.used
        amounts[.slotsReserved] = slots.reserved
        amounts[.goodsOwned] = try inventory.goods(of: user).map(\.quantity).reduce(0, +)
        let copies = try CouponQueries(transaction).userCoupons(of: user).map(\.status)
        amounts[.couponsUsable] = Int64(copies.count { $0 == .active })
        amounts[.couponsHeld] = Int64(copies.count { $0 == .held })
        amounts[.couponsUsed] = Int64(copies.count { $0 == .used })
    }

    private mutating func readOrder(_ id: OrderID, _ transaction: any SQLTransaction) throws {
        let orders = OrderQueries(transaction)
        order = try orders.order(id)
        states[OrdersParticipant.service.name] = order?.state.rawValue
        missing = try orders.settlement(of: [id])[id]?.missing.map(\.name) ?? []
        states[CouponsParticipant.service.name] = try CouponQueries(transaction).settlement(of: [id])[id]?.state
            .rawValue
        states[UsersParticipant.service.name] = try UserQueries(transaction).settlement(of: [id])[id]?.state.rawValue
        states[InventoryParticipant.service.name] =
            try InventoryQueries(transaction).settlement(of: [id])[id]?.state.rawValue
        states[ItemsParticipant.service.name] = try ItemQueries(transaction).settlement(of: [id])[id]?.state.rawValue
        let payment = try PaymentQueries(transaction).settlement(of: [id])[id]
        states[PaymentsParticipant.service.name] = payment?.state.rawValue
        amounts[.gatewayNet] = payment?.gatewayNet.minorUnits ?? 0
    }

    func transition(of service: String, since before: DemoStanding) -> DemoStep.Transition? {
        guard let now = states[service], now != before.states[service] else { return nil }
        return .init(from: before.states[service], to: now)
    }

    func changes(since before: DemoStanding) -> [DemoQuantity: Int64] {
        var changes: [DemoQuantity: Int64] = [:]
        for quantity in DemoQuantity.allCases {
            let change = (amounts[quantity] ?? 0) - (before.amounts[quantity] ?? 0)
            if change != 0 { changes[quantity] = change }
        }
        return changes
    }
}
