import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Opens an account with a password. Audited as the account's creation.
public struct RegisterUser: Command {
    public static let id: ReactionID = "users.register"

    let name: String
    let passwordHash: String
    let roles: Set<Role>
    let actor: UserID?

    /// - Parameters:
    ///   - name: unique, 1 to 100 bytes of UTF-8.
    ///   - passwordHash: as the password's checker wrote it; Users never sees a password.
    ///   - actor: who asked for it; `nil` for the user himself.
    public init(name: String, passwordHash: String, roles: Set<Role> = [.user], actor: UserID? = nil) {
        self.name = name
        self.passwordHash = passwordHash
        self.roles = roles
        self.actor = actor
    }

    /// - Throws: ``UserRefusal`` as ``CreateUser``.
    public func execute(in step: SQLStep) throws -> Decision<UserID, Never> {
        let created = try CreateUser(name: name, roles: roles, actor: actor).execute(in: step)
        try CredentialStore(step.transaction).set(passwordHash, of: created.outcome, at: step.now)
        return created
    }
}
