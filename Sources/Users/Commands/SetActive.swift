import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Lets a user begin orders, or no longer. Audited. Orders under way go on.
public struct SetActive: Command {
    public static let id: ReactionID = "users.set-active"

    let user: UserID
    let isActive: Bool
    let actor: UserID
    let reason: String

    /// - Parameters:
    ///   - actor: who asked for it.
    ///   - reason: for the audit.
    public init(user: UserID, isActive: Bool, actor: UserID, reason: String) {
        self.user = user
        self.isActive = isActive
        self.actor = actor
        self.reason = reason
    }

    /// - Returns: whether it changed anything.
    /// - Throws: ``UserRefusal`` `.userNotFound`.
    public func execute(in step: SQLStep) throws -> Decision<Bool, Never> {
        let users = UserStore(step.transaction)
        guard try users.user(user) != nil else { throw UserRefusal.userNotFound }
        guard try users.setActive(user, isActive, at: step.now) else { return Decision(false) }
        try AuditLog.write(
            AuditRecord(
                service: UsersParticipant.service, action: isActive ? "users.activated" : "users.deactivated",
                resource: "user", resourceID: user.description, actor: actor.uuid, details: ["reason": reason]),
            in: step)
        return Decision(true)
    }
}
