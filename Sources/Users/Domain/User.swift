import PurchaseContracts
import SagaChoreography

/// Someone who may sign in and buy.
public struct User: Sendable, Hashable {
    /// How many distinct items a user may own unless told otherwise.
    public static let defaultSlotCapacity: Int64 = 100

    public let id: UserID
    /// Unique among all users, whatever the case of its letters.
    public let name: String
    public let roles: Set<Role>
    /// An inactive user cannot begin an order; orders under way go on.
    public let isActive: Bool
    /// How many distinct items the user may own.
    public let slotCapacity: Int64
    /// Raised whenever tokens that were given out before must no longer be believed.
    public let epoch: Int64
    public let createdAt: Timestamp
}

/// What a user may do, as named in tokens.
public enum Role: String, Sendable, Codable, Hashable, CaseIterable {
    case user
    case inventoryManager = "inventory_manager"
    case admin
}

/// The rule for names: 1 to 100 bytes of UTF-8, something visible, no control characters.
enum UserName {
    /// The name as it is compared: nobody is to pass for another by the case of a letter.
    static func key(_ name: String) -> String { name.lowercased() }

    static func isValid(_ name: String) -> Bool {
        (1...100).contains(name.utf8.count)
            && name.contains { !$0.isWhitespace }
            && !name.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
