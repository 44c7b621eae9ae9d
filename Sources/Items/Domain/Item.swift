import PurchaseContracts
import SagaChoreography

/// An item of the catalogue with its stock.
public struct Item: Sendable, Hashable {
    public let id: ItemID
    public let name: String
    public let description: String?
    public let categoryID: CategoryID?
    public let price: Money
    public let isOnSale: Bool
    /// Counts changes of what the catalogue says, from 1.
    public let revision: Int64
    /// Pieces that can still be sold.
    public let stock: Int64
    /// Pieces held by orders that are still running.
    public let reserved: Int64
    /// Pieces ever sold.
    public let sold: Int64
    public let createdAt: Timestamp

    /// What other services may know of it.
    public var catalogEntry: CatalogEntry {
        CatalogEntry(
            itemID: id, name: name, categoryID: categoryID, price: price, isOnSale: isOnSale, revision: revision)
    }
}

/// What an item may look like. Amounts are bounded so that no sum of them leaves 64 bits.
public enum ItemLimits {
    /// Pieces of one item.
    public static let stock: ClosedRange<Int64> = 0...1_000_000_000_000
    /// Minor units.
    public static let price: ClosedRange<Int64> = 0...1_000_000_000_000
    /// Characters, after blanks at both ends are cut.
    public static let name = 1...200
    /// Characters.
    public static let description = 0...2000
    /// Characters, after blanks at both ends are cut.
    public static let reason = 1...500
    /// So many categories are answered as one list.
    public static let categories: Int64 = 1000

    static func checked(name text: String) throws(ItemsRefusal) -> String {
        try trimmed(text, within: name, field: "name")
    }

    static func checked(reason text: String) throws(ItemsRefusal) -> String {
        try trimmed(text, within: reason, field: "reason")
    }

    static func check(description text: String?) throws(ItemsRefusal) {
        guard description.contains(text?.count ?? 0) else { throw .invalid(field: "description") }
    }

    static func check(price amount: Money) throws(ItemsRefusal) {
        guard price.contains(amount.minorUnits) else { throw .invalid(field: "price") }
    }

    static func check(stock pieces: Int64, field: String = "stock") throws(ItemsRefusal) {
        guard stock.contains(pieces) else { throw .invalid(field: field) }
    }

    private static func trimmed(
        _ text: String, within length: ClosedRange<Int>, field: String
    ) throws(ItemsRefusal) -> String {
        var cut = Substring(text)
        while cut.first?.isWhitespace == true { cut.removeFirst() }
        while cut.last?.isWhitespace == true { cut.removeLast() }
        guard length.contains(cut.count) else { throw .invalid(field: field) }
        return String(cut)
    }
}
