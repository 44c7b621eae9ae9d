import PurchaseContracts
import SQLCore
import SagaChoreography

/// How users are reached.
struct ContactStore {
    let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    func emailAddress(of user: UserID) throws -> EmailAddress? {
        try transaction.first("SELECT email FROM users_contacts WHERE user_id = \(user)").map { row in
            guard let address = EmailAddress(try row.text("email")) else {
                throw SQLError(.shape, "column 'email' is no mail address")
            }
            return address
        }
    }

    func set(_ address: EmailAddress, of user: UserID, at now: Timestamp) throws {
        try transaction.execute(
            """
            INSERT INTO users_contacts (user_id, email, changed_at)
            VALUES (\(user), \(address.description), \(now.milliseconds))
            ON CONFLICT (user_id) DO UPDATE SET email = excluded.email, changed_at = excluded.changed_at
            """)
    }

    func remove(of user: UserID) throws {
        try transaction.execute("DELETE FROM users_contacts WHERE user_id = \(user)")
    }
}
