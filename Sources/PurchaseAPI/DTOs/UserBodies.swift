import Inventory
import PurchaseContracts
import Users

/// The answer to GET /user/{id}/balance.
struct BalanceBody: Described {
    static let schema = Schema.object(
        "Balance",
        [
            .required("userId", .id), .required("balance", .amount), .required("held", .amount),
            .required("currency", .currency),
        ])

    let userId: String
    /// What can be spent, in minor units.
    let balance: Int64
    /// What is set aside for orders under way.
    let held: Int64
    let currency: String

    init(_ balance: Balance, of user: UserID, in currency: Currency) {
        userId = user.description
        self.balance = balance.available.minorUnits
        held = balance.held.minorUnits
        self.currency = currency.code
    }
}

/// The answer to GET /user/{id}/inventory.
struct InventoryBody: Described {
    static let schema = Schema.object(
        "Inventory",
        [
            .required("userId", .id),
            .required(
                "inventory",
                .array(
                    of: .object(
                        "InventoryEntry",
                        [
                            .required("itemId", .id), .required("name", .string), .required("quantity", .count),
                            .required("reserved", .count),
                        ]))),
            .required(
                "slots",
                .object(
                    "Slots",
                    [.required("used", .count), .required("reserved", .count), .required("capacity", .count)])),
        ])

    struct Entry: Encodable {
        let itemId: String
        let name: String
        let quantity: Int64
        /// Pieces of orders under way.
        let reserved: Int64
    }

    struct Slots: Encodable {
        let used: Int64
        let reserved: Int64
        let capacity: Int64
    }

    let userId: String
    let inventory: [Entry]
    let slots: Slots

    /// - Parameter capacity: as Users knows it now; Inventory only knows what the last order carried.
    init(_ goods: [Goods], slots usage: SlotUsage, capacity: Int64, of user: UserID) {
        userId = user.description
        inventory = goods.map {
            Entry(itemId: $0.itemID.description, name: $0.name, quantity: $0.quantity, reserved: $0.reserved)
        }
        slots = Slots(used: usage.used, reserved: usage.reserved, capacity: capacity)
    }
}

/// The answer to GET /user/{id}/orders.
struct UserOrdersBody: Described {
    static let schema = Schema.object(
        "UserOrders",
        [.required("userId", .id), .required("orders", .array(of: OrderBody.schema)), .optional("next", .string)])

    let userId: String
    let orders: [OrderBody]
    /// The cursor of the next page; missing on the last.
    let next: String?
}
