import FoundationEssentials
import PurchaseContracts
import SQLCore

/// What others may read of this service, on one snapshot.
public struct ItemQueries {
    let transaction: any SQLTransaction

    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// One item; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func item(_ id: ItemID) throws -> Item? { try CatalogStore(transaction).item(id) }

    /// A page of the catalogue, newest first.
    ///
    /// - Parameter last: the last item of the page before.
    /// - Throws: ``SQLError``.
    public func items(_ filter: ItemFilter = ItemFilter(), after last: ItemID? = nil, limit: Int) throws -> [Item] {
        try CatalogStore(transaction).items(filter, after: last, limit: limit)
    }

    /// How many items there are, on sale or not.
    ///
    /// - Throws: ``SQLError``.
    public func count() throws -> Int {
        try transaction.first("SELECT COUNT(*) AS n FROM items_items")?.int("n") ?? 0
    }

    /// One category; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func category(_ id: CategoryID) throws -> Category? { try CategoryStore(transaction).category(id) }

    /// Every category, by name.
    ///
    /// - Throws: ``SQLError``.
    public func categories() throws -> [Category] {
        try CategoryStore(transaction).categories(limit: Int(ItemLimits.categories))
    }

    /// One reservation; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func reservation(_ id: ReservationID) throws -> Reservation? {
        try ReservationStore(transaction).reservation(id)
    }

    /// The reservations of an order, whatever became of them.
    ///
    /// - Throws: ``SQLError``.
    public func reservations(ofOrder order: OrderID) throws -> [Reservation] {
        try ReservationStore(transaction).reservations(ofOrder: order)
    }

    /// The active reservations of an item, newest first.
    ///
    /// - Throws: ``SQLError``.
    public func reservations(ofItem item: ItemID, limit: Int = 500) throws -> [Reservation] {
        try ReservationStore(transaction).reservations(status: .reserved, item: item, before: .last, limit: limit)
    }

    /// What a cross-service check must compare; orders that this service never touched are missing.
    ///
    /// - Throws: ``SQLError``.
    public func settlement(of orders: [OrderID]) throws -> [OrderID: ItemsSettlement] {
        var settlements: [OrderID: ItemsSettlement] = [:]
        for row in try transaction.rows(
            "SELECT subject, state, cause, settled FROM items_saga WHERE subject IN (\(list: orders))")
        {
            settlements[OrderID(try row.uuid("subject"))] = ItemsSettlement(
                state: try row.value("state", as: HoldState.self),
                cause: try row.isNull("cause") ? nil : try row.value("cause", as: Cause.self),
                isClosed: try row.bool("settled"), quantities: [:])
        }
        for row in try transaction.rows(
            "SELECT order_id, item_id, quantity FROM items_reservations WHERE order_id IN (\(list: orders))")
        {
            let order = OrderID(try row.uuid("order_id"))
            settlements[order]?.quantities[ItemID(try row.uuid("item_id"))] = try row.int64("quantity")
        }
        return settlements
    }
}

/// An order as this service left it.
public struct ItemsSettlement: Sendable, Hashable {
    public let state: HoldState
    /// Why it was undone or refused.
    public let cause: Cause?
    /// Whether the order's settlement has arrived here.
    public let isClosed: Bool
    /// Pieces by item that were reserved for it, whatever became of them.
    public internal(set) var quantities: [ItemID: Int64]

    /// Whether pieces are still reserved for it.
    public var isHeld: Bool { state == .held }
}
