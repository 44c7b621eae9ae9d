import FoundationEssentials
import SQLCore

/// A UUID that knows what it identifies, so that a user's id is never taken for an item's.
public protocol EntityID: Hashable, Comparable, Sendable, Codable, SQLBindable, CustomStringConvertible {
    var uuid: UUID { get }
    init(_ uuid: UUID)
}

extension EntityID {
    /// Reads the canonical form; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        guard let uuid = UUID(uuidString: String(text)) else { return nil }
        self.init(uuid)
    }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(UUID.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(uuid)
    }

    public var sqlValue: SQLValue { .uuid(uuid) }

    /// The canonical form in lower case (RFC 9562).
    public var description: String { uuid.uuidString.lowercased() }

    /// By byte value, so that ids of UUIDv7 sort by time.
    public static func < (a: Self, b: Self) -> Bool {
        withUnsafeBytes(of: a.uuid.uuid) { left in
            withUnsafeBytes(of: b.uuid.uuid) { right in left.lexicographicallyPrecedes(right) }
        }
    }
}

public struct OrderID: EntityID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

public struct UserID: EntityID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

public struct ItemID: EntityID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

public struct CategoryID: EntityID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

public struct CouponID: EntityID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

/// One user's copy of a coupon.
public struct UserCouponID: EntityID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

/// One attempt to refund an order; an order may have several, one after the other.
public struct RefundID: EntityID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}
