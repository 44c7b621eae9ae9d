import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Says where a user gets his mail, or that he gets none. Audited without the address.
public struct SetEmailAddress: Command {
    public static let id: ReactionID = "users.set-email-address"

    let user: UserID
    let address: EmailAddress?
    let actor: UserID

    /// - Parameters:
    ///   - address: `nil` forgets the one that is known.
    ///   - actor: the user himself, or an administrator.
    public init(of user: UserID, to address: EmailAddress?, actor: UserID) {
        self.user = user
        self.address = address
        self.actor = actor
    }

    /// - Returns: whether it changed anything.
    /// - Throws: ``UserRefusal`` `.userNotFound`.
    public func execute(in step: SQLStep) throws -> Decision<Bool, Never> {
        guard try UserStore(step.transaction).lock(user) != nil else { throw UserRefusal.userNotFound }
        let contacts = ContactStore(step.transaction)
        guard try contacts.emailAddress(of: user) != address else { return Decision(false) }
        if let address {
            try contacts.set(address, of: user, at: step.now)
        } else {
            try contacts.remove(of: user)
        }
        try AuditLog.write(
            AuditRecord(
                service: UsersParticipant.service,
                action: address == nil ? "users.email-removed" : "users.email-set", resource: "user",
                resourceID: user.description, actor: actor.uuid),
            in: step)
        return Decision(true)
    }
}
