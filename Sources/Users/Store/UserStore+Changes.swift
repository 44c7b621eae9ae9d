import PurchaseContracts
import SQLCore
import SagaChoreography

extension UserStore {
    /// Locks an account against other changes and reads it.
    func lock(_ id: UserID) throws -> User? {
        let statement: SQLStatement =
            switch transaction.dialect {
            case .sqlite: "SELECT \(fixed: Self.columns) FROM users_users WHERE id = \(id)"
            case .postgres: "SELECT \(fixed: Self.columns) FROM users_users WHERE id = \(id) FOR UPDATE"
            }
        return try transaction.first(statement).map(Self.user)
    }

    func update(_ user: User, at now: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE users_users
            SET roles = \(try Self.text(user.roles)), is_active = \(user.isActive),
                slot_capacity = \(user.slotCapacity), updated_at = \(now.milliseconds)
            WHERE id = \(user.id)
            """)
    }

    /// Tokens given out before are refused from now on.
    ///
    /// - Returns: the new epoch; `nil` if there is no such user.
    func raiseEpoch(of id: UserID, at now: Timestamp) throws -> Int64? {
        try transaction.first(
            """
            UPDATE users_users SET epoch = epoch + 1, epoch_at = \(now.milliseconds), updated_at = \(now.milliseconds)
            WHERE id = \(id) RETURNING epoch
            """
        )?.int64("epoch")
    }

    func otherAdministratorExists(than user: UserID) throws -> Bool {
        let pattern = "%\"\(Role.admin.rawValue)\"%"
        return try transaction.first(
            """
            SELECT id FROM users_users WHERE is_active = \(true) AND roles LIKE \(pattern) AND id <> \(user) LIMIT 1
            """) != nil
    }
}
