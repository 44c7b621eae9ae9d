import Users

/// An account as it is answered.
struct UserBody: Described {
    static let schema = Schema.object(
        "User",
        [
            .required("id", .id), .required("name", .string), .required("roles", .array(of: .choice(Role.self))),
            .required("isActive", .bool), .required("slotCapacity", .count), .required("createdAt", .time),
        ])

    let id: String
    let name: String
    let roles: [String]
    let isActive: Bool
    let slotCapacity: Int64
    let createdAt: String

    init(_ user: User) {
        id = user.id.description
        name = user.name
        roles = Role.allCases.filter(user.roles.contains).map(\.rawValue)
        isActive = user.isActive
        slotCapacity = user.slotCapacity
        createdAt = user.createdAt.description
    }
}

/// The answer to a registration, a login and a change of password.
struct TokenBody: Described {
    static let schema = Schema.object(
        "Token",
        [.required("user", UserBody.schema), .required("token", .string), .required("expiresAt", .time)])

    let user: UserBody
    let token: String
    let expiresAt: String

    init(_ token: IssuedToken, for user: User) {
        self.user = UserBody(user)
        self.token = token.text
        expiresAt = token.end.description
    }
}

/// The answer to the paths of a cookie session: the token itself stays in the cookie.
struct SessionBody: Described {
    static let schema = Schema.object(
        "Session", [.required("user", UserBody.schema), .required("expiresAt", .time)])

    let user: UserBody
    let expiresAt: String
}

/// A page of accounts.
struct UserPageBody: Described {
    static let schema = Schema.object(
        "UserPage", [.required("users", .array(of: UserBody.schema)), .optional("next", .string)])

    let users: [UserBody]
    let next: String?
}
