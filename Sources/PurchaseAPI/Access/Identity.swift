import PurchaseContracts

/// What a token allows. The raw values are those in the token.
public enum AccessRole: String, Sendable, Codable, Hashable, CaseIterable {
    case user
    case inventoryManager = "inventory_manager"
    case admin
}

/// Whoever a valid token names.
public struct Identity: Sendable, Equatable {
    public let userID: UserID
    public let roles: Set<AccessRole>

    /// An identity, as ``Authenticator`` reads it from a token.
    public init(userID: UserID, roles: Set<AccessRole>) {
        self.userID = userID
        self.roles = roles
    }

    /// The one that lets him do most.
    var highestRole: AccessRole {
        [.admin, .inventoryManager].first { roles.contains($0) } ?? .user
    }

    /// Whether this is the user in question, or an admin.
    func stands(for user: UserID) -> Bool { userID == user || roles.contains(.admin) }
}
