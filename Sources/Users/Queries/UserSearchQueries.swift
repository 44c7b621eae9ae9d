import PurchaseContracts
import SQLCore

extension UserQueries {
    /// Accounts by how their name begins, whatever the case, in the order of names: found by the index of names.
    ///
    /// - Throws: ``SQLError``.
    public func users(named prefix: String, limit: Int) throws -> [User] {
        let key = UserName.key(prefix)
        return try transaction.rows(
            """
            SELECT \(fixed: UserStore.columns) FROM users_users
            WHERE name_key >= \(key) AND name_key < \(key + "\u{10FFFF}") ORDER BY name_key LIMIT \(limit)
            """
        ).map(UserStore.user)
    }
}
