import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Ends one token before its time. Audited; once or often is the same.
public struct RevokeToken: Command {
    public static let id: ReactionID = "users.revoke-token"

    let token: UUID
    let user: UserID
    let end: Timestamp

    /// - Parameter end: when the token would end by itself.
    public init(_ token: UUID, of user: UserID, endingAt end: Timestamp) {
        self.token = token
        self.user = user
        self.end = end
    }

    /// - Throws: the database's error.
    public func execute(in step: SQLStep) throws -> Decision<Void, Never> {
        try CredentialStore(step.transaction).revoke(token, of: user, until: end)
        try AuditLog.write(
            AuditRecord(
                service: UsersParticipant.service, action: "users.logged-out", resource: "user",
                resourceID: user.description, actor: user.uuid, severity: .low),
            in: step)
        return Decision(())
    }
}

/// Removes revocations of tokens that have ended by themselves, and failed logins that no longer count.
struct PruneAccess: Command {
    static let id: ReactionID = "users.prune-access"
    let limit: Int

    func execute(in step: SQLStep) throws -> Decision<Int, Never> {
        Decision(try CredentialStore(step.transaction).prune(at: step.now, limit: limit))
    }
}
