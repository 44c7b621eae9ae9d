import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// What is asked when somebody wants to come in.
public struct AccessQueries {
    private let transaction: any SQLTransaction

    /// Asks in an open transaction.
    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// An account and its password's hash, which is missing for one that cannot log in.
    public struct Login: Sendable {
        public let user: User
        public let passwordHash: String?
    }

    /// The account of that name.
    ///
    /// - Throws: `SQLError`.
    public func login(named name: String) throws -> Login? {
        guard let user = try UserStore(transaction).user(named: name) else { return nil }
        return Login(user: user, passwordHash: try CredentialStore(transaction).hash(of: user.id))
    }

    /// The account of that id.
    ///
    /// - Throws: `SQLError`.
    public func login(of id: UserID) throws -> Login? {
        guard let user = try UserStore(transaction).user(id) else { return nil }
        return Login(user: user, passwordHash: try CredentialStore(transaction).hash(of: id))
    }

    /// Until when no login under any of these subjects is to be tried; `nil` if there was no failure.
    ///
    /// - Throws: `SQLError`.
    public func blockedUntil(_ subjects: [LoginSubject]) throws -> Timestamp? {
        try CredentialStore(transaction).blockedUntil(subjects.map(\.digest))
    }

    /// Tokens that are refused though they have not ended.
    ///
    /// - Throws: `SQLError`.
    public func revokedTokens(at now: Timestamp) throws -> [UUID: Timestamp] {
        let rows = try transaction.rows(
            "SELECT token_id, expires_at FROM users_revoked_tokens WHERE expires_at >= \(now.milliseconds)")
        var revoked: [UUID: Timestamp] = [:]
        for row in rows {
            revoked[try row.uuid("token_id")] = Timestamp(milliseconds: try row.int64("expires_at"))
        }
        return revoked
    }

    /// The epochs that were raised since a time: no older token of these users is believed.
    ///
    /// - Throws: `SQLError`.
    public func epochs(raisedSince time: Timestamp) throws -> [UserID: Int64] {
        let rows = try transaction.rows(
            "SELECT id, epoch FROM users_users WHERE epoch > 0 AND epoch_at >= \(time.milliseconds)")
        var epochs: [UserID: Int64] = [:]
        for row in rows { epochs[UserID(try row.uuid("id"))] = try row.int64("epoch") }
        return epochs
    }
}
