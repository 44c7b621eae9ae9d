import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// Password hashes, failed logins and revoked tokens.
struct CredentialStore {
    private let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    func hash(of user: UserID) throws -> String? {
        try transaction.first("SELECT password_hash FROM users_credentials WHERE user_id = \(user)")?
            .text("password_hash")
    }

    func set(_ hash: String, of user: UserID, at now: Timestamp) throws {
        try transaction.execute(
            """
            INSERT INTO users_credentials (user_id, password_hash, changed_at)
            VALUES (\(user), \(hash), \(now.milliseconds))
            ON CONFLICT (user_id) DO UPDATE SET password_hash = excluded.password_hash, changed_at = excluded.changed_at
            """)
    }

    /// Until when no login under any of these subjects is tried.
    func blockedUntil(_ subjects: [String]) throws -> Timestamp? {
        try transaction.first(
            "SELECT MAX(blocked_until) AS until FROM users_failed_logins WHERE subject IN (\(list: subjects))"
        )?.optionalInt64("until").map { Timestamp(milliseconds: $0) }
    }

    /// Counts a failure.
    ///
    /// - Returns: how many there were lately.
    func countFailure(of subject: String, at now: Timestamp) throws -> Int64 {
        let fresh = now + (Duration.zero - LoginThrottle.longest)
        let row = try transaction.first(
            """
            INSERT INTO users_failed_logins (subject, failures, last_at, blocked_until)
            VALUES (\(subject), 1, \(now.milliseconds), \(now.milliseconds))
            ON CONFLICT (subject) DO UPDATE SET
                failures = CASE WHEN users_failed_logins.last_at < \(fresh.milliseconds) THEN 1
                    ELSE users_failed_logins.failures + 1 END,
                last_at = excluded.last_at
            RETURNING users_failed_logins.failures AS failures
            """)
        guard let failures = try row?.int64("failures") else { return 1 }
        let until = now + LoginThrottle.pause(after: failures)
        try transaction.execute(
            "UPDATE users_failed_logins SET blocked_until = \(until.milliseconds) WHERE subject = \(subject)")
        return failures
    }

    func forgetFailures(of subject: String) throws {
        try transaction.execute("DELETE FROM users_failed_logins WHERE subject = \(subject)")
    }

    func revoke(_ token: UUID, of user: UserID, until end: Timestamp) throws {
        try transaction.execute(
            """
            INSERT INTO users_revoked_tokens (token_id, user_id, expires_at)
            VALUES (\(token), \(user), \(end.milliseconds)) ON CONFLICT (token_id) DO NOTHING
            """)
    }

    /// Removes what time has made useless.
    ///
    /// - Returns: how many rows.
    func prune(at now: Timestamp, limit: Int) throws -> Int {
        let quiet = now + (Duration.zero - LoginThrottle.longest)
        let tokens = try transaction.execute(
            """
            DELETE FROM users_revoked_tokens WHERE token_id IN (
                SELECT token_id FROM users_revoked_tokens WHERE expires_at < \(now.milliseconds) LIMIT \(limit: limit))
            """)
        let failures = try transaction.execute(
            """
            DELETE FROM users_failed_logins WHERE subject IN (
                SELECT subject FROM users_failed_logins
                WHERE last_at < \(quiet.milliseconds) AND blocked_until < \(now.milliseconds) LIMIT \(limit: limit))
            """)
        return tokens + failures
    }
}
