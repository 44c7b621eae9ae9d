import PurchaseContracts
import SQLCore
import SagaChoreography

/// What others may ask of all accounts at once.
public struct UserDirectoryQueries {
    private let transaction: any SQLTransaction

    /// Asks in an open transaction.
    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Active users in the ascending order of their ids.
    ///
    /// - Parameters:
    ///   - last: only those behind this one.
    ///   - time: only those whose accounts were made at this time or earlier.
    ///   - limit: at most so many.
    /// - Throws: `SQLError`.
    public func activeUsers(after last: UserID?, createdUntil time: Timestamp, limit: Int) throws -> [UserID] {
        let statement: SQLStatement =
            if let last {
                """
                SELECT id FROM users_users
                WHERE id > \(last) AND is_active = \(true) AND created_at <= \(time.milliseconds)
                ORDER BY id LIMIT \(limit)
                """
            } else {
                """
                SELECT id FROM users_users WHERE is_active = \(true) AND created_at <= \(time.milliseconds)
                ORDER BY id LIMIT \(limit)
                """
            }
        return try transaction.rows(statement).map { UserID(try $0.uuid("id")) }
    }

    /// How many active users there are whose accounts were made at `time` or earlier.
    ///
    /// - Throws: `SQLError`.
    public func activeUserCount(createdUntil time: Timestamp) throws -> Int64 {
        try transaction.first(
            """
            SELECT COUNT(*) AS n FROM users_users
            WHERE is_active = \(true) AND created_at <= \(time.milliseconds)
            """
        )?.int64("n") ?? 0
    }

    /// Which of these users there are, and whether they are active; those that do not exist are missing.
    ///
    /// - Throws: `SQLError`.
    public func standing(of users: [UserID]) throws -> [UserID: Bool] {
        let rows = try transaction.rows("SELECT id, is_active FROM users_users WHERE id IN (\(list: users))")
        return Dictionary(
            uniqueKeysWithValues: try rows.map { (UserID(try $0.uuid("id")), try $0.bool("is_active")) })
    }
}
