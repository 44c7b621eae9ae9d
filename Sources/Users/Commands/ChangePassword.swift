import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Sets a user's password. Every token given out before is refused from then on. Audited.
public struct ChangePassword: Command {
    public static let id: ReactionID = "users.change-password"

    let user: UserID
    let passwordHash: String
    let replacing: String?

    /// - Parameter replacing: the hash that was checked; another one by now is a refusal.
    public init(of user: UserID, to passwordHash: String, replacing: String?) {
        self.user = user
        self.passwordHash = passwordHash
        self.replacing = replacing
    }

    /// - Returns: the user's new epoch.
    /// - Throws: ``UserRefusal`` `.userNotFound`, `.wrongCredentials`.
    public func execute(in step: SQLStep) throws -> Decision<Int64, Never> {
        let credentials = CredentialStore(step.transaction)
        guard try credentials.hash(of: user) == replacing else { throw UserRefusal.wrongCredentials }
        guard let epoch = try UserStore(step.transaction).raiseEpoch(of: user, at: step.now) else {
            throw UserRefusal.userNotFound
        }
        try credentials.set(passwordHash, of: user, at: step.now)
        try AuditLog.write(
            AuditRecord(
                service: UsersParticipant.service, action: "users.password-changed", resource: "user",
                resourceID: user.description, actor: user.uuid),
            in: step)
        return Decision(epoch)
    }
}
