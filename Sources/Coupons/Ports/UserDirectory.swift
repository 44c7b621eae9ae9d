import PurchaseContracts
import SagaChoreography

/// Who there is to give coupons to. Whoever owns the accounts answers; this service knows none.
public protocol UserDirectory: Sendable {
    /// Active users in the ascending order of their ids.
    ///
    /// - Parameters:
    ///   - last: only those behind this one: the last of the page before.
    ///   - time: only those whose accounts were made at this time or earlier.
    ///   - limit: at most so many; fewer only if there are no more.
    func activeUsers(after last: UserID?, createdUntil time: Timestamp, limit: Int) async throws -> [UserID]

    /// How many there are now.
    ///
    /// - Parameter time: as in ``activeUsers(after:createdUntil:limit:)``.
    func activeUserCount(createdUntil time: Timestamp) async throws -> Int64
}
