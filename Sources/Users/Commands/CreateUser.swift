import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Opens an account with an empty wallet. Audited.
public struct CreateUser: Command {
    public static let id: ReactionID = "users.create-user"

    let userID: UserID?
    let name: String
    let roles: Set<Role>
    let slotCapacity: Int64
    let actor: UserID?

    /// - Parameters:
    ///   - id: the new user's id; a fresh one if `nil`.
    ///   - name: unique, 1 to 100 bytes of UTF-8.
    ///   - slotCapacity: how many distinct items the user may own.
    ///   - actor: who asked for it.
    public init(
        id: UserID? = nil, name: String, roles: Set<Role> = [.user],
        slotCapacity: Int64 = User.defaultSlotCapacity, actor: UserID? = nil
    ) {
        userID = id
        self.name = name
        self.roles = roles
        self.slotCapacity = slotCapacity
        self.actor = actor
    }

    /// - Throws: ``UserRefusal`` `.invalidName`, `.nameTaken`, `.idTaken` or `.invalidSlotCapacity`.
    public func execute(in step: SQLStep) throws -> Decision<UserID, Never> {
        guard UserName.isValid(name) else { throw UserRefusal.invalidName }
        guard slotCapacity >= 0 else { throw UserRefusal.invalidSlotCapacity }
        let users = UserStore(step.transaction)
        let user = User(
            id: userID ?? UserID(step.ids.next()), name: name, roles: roles, isActive: true,
            slotCapacity: slotCapacity, epoch: 0, createdAt: step.now)
        guard try users.insert(user) else {
            throw try users.user(named: name) == nil ? UserRefusal.idTaken : UserRefusal.nameTaken
        }
        try WalletStore(step).create(for: user.id)
        try AuditLog.write(
            AuditRecord(
                service: UsersParticipant.service, action: "users.created", resource: "user",
                resourceID: user.id.description, actor: actor?.uuid,
                details: ["roles": try UserStore.text(roles), "slotCapacity": String(slotCapacity)]),
            in: step)
        return Decision(user.id)
    }
}
