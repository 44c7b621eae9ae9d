import Coupons
import PurchaseContracts
import SQLCore
import SagaChoreography
import Users

/// The accounts of Users, as Coupons asks for them.
struct StoredUserDirectory: UserDirectory {
    let database: any SQLDatabase

    func activeUsers(after last: UserID?, createdUntil time: Timestamp, limit: Int) async throws -> [UserID] {
        try await database.read {
            try UserDirectoryQueries($0).activeUsers(after: last, createdUntil: time, limit: limit)
        }
    }

    func activeUserCount(createdUntil time: Timestamp) async throws -> Int64 {
        try await database.read { try UserDirectoryQueries($0).activeUserCount(createdUntil: time) }
    }
}
