import PurchaseContracts
import SQLCore

extension UserQueries {
    /// Which accounts are looked for; what is `nil` does not matter.
    public struct Filter: Sendable, Hashable {
        /// How the name begins, whatever the case.
        public var namePrefix: String?
        public var role: Role?
        public var isActive: Bool?

        public init(namePrefix: String? = nil, role: Role? = nil, isActive: Bool? = nil) {
            self.namePrefix = namePrefix
            self.role = role
            self.isActive = isActive
        }
    }

    /// Accounts, newest first.
    ///
    /// - Parameters:
    ///   - before: the last one of the page before.
    ///   - limit: at most so many.
    /// - Throws: `SQLError`.
    public func users(_ filter: Filter, before: UserID?, limit: Int) throws -> [User] {
        // Bounds that let everything through stand for conditions that are not there.
        let first = filter.namePrefix.map(UserName.key) ?? ""
        let last = first + "\u{10FFFF}"
        let role = filter.role.map { "%\"\($0.rawValue)\"%" } ?? "%"
        let least = filter.isActive == true
        let most = filter.isActive != false
        let statement: SQLStatement =
            if let before {
                """
                SELECT \(fixed: UserStore.columns) FROM users_users
                WHERE id < \(before) AND name_key >= \(first) AND name_key < \(last) AND roles LIKE \(role)
                    AND is_active >= \(least) AND is_active <= \(most)
                ORDER BY id DESC LIMIT \(limit)
                """
            } else {
                """
                SELECT \(fixed: UserStore.columns) FROM users_users
                WHERE name_key >= \(first) AND name_key < \(last) AND roles LIKE \(role)
                    AND is_active >= \(least) AND is_active <= \(most)
                ORDER BY id DESC LIMIT \(limit)
                """
            }
        return try transaction.rows(statement).map(UserStore.user)
    }
}
