import PurchaseContracts

/// Who may use a route. It is checked before the handler runs, so that no handler can forget it.
enum Access: Sendable, Equatable {
    /// Everyone, with or without a token.
    case guest
    /// Whoever has a token.
    case user
    /// The user whom the parameter of the path names, and admins; to everyone else there is nothing here.
    case owner(of: String)
    /// The user whose order the path names, and admins; the handler finds out whose it is.
    case ownerOfOrder
    /// The user whom the body names, and admins; the handler reads it.
    case subject
    /// Whoever signed the body; the handler checks it, for it has to read the body first.
    case signature
    /// One role, and admins, who may do what every role may.
    case role(AccessRole)

    /// - Throws: ``APIError`` 401 for a guest, 403 without the role, 404 for another user's object.
    func check(_ context: APIContext) throws(APIError) {
        switch self {
        case .guest, .signature: break
        case .user, .ownerOfOrder, .subject: _ = try context.requireIdentity()
        case .owner(let parameter):
            _ = try context.requireIdentity()
            let user = try context.pathID(parameter, as: UserID.self)
            try context.requireSelf(user, orNotFound: ProblemCode(.userNotFound))
        case .role(let role): try context.require(role)
        }
    }

    /// As the documents call it.
    var name: String {
        switch self {
        case .guest: "guest"
        case .user: "user"
        case .owner, .ownerOfOrder, .subject: "self"
        case .signature: "signature"
        case .role(let role): role.rawValue
        }
    }

    /// How it can be refused.
    var refusals: Set<Int> {
        switch self {
        // A bad token is refused even where none is needed.
        case .guest, .user, .signature: [401]
        case .owner, .ownerOfOrder: [401, 404]
        case .subject, .role: [401, 403]
        }
    }
}
