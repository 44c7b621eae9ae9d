import PurchaseContracts
import SagaChoreography
import SagaSQL

/// An administrator's change of an account. Audited with old and new; what tokens say of the user is refused from then on, if
/// it became wrong.
public struct ChangeUser: Command {
    public static let id: ReactionID = "users.change-user"

    /// What changes; `nil` stays as it is.
    public struct Change: Sendable, Hashable {
        public var isActive: Bool?
        public var roles: Set<Role>?
        /// Not negative. Lower than what the user owns is allowed: he then gets nothing more.
        public var slotCapacity: Int64?

        public init(isActive: Bool? = nil, roles: Set<Role>? = nil, slotCapacity: Int64? = nil) {
            self.isActive = isActive
            self.roles = roles
            self.slotCapacity = slotCapacity
        }
    }

    let user: UserID
    let change: Change
    let actor: UserID

    /// - Parameter actor: the administrator.
    public init(_ user: UserID, _ change: Change, actor: UserID) {
        self.user = user
        self.change = change
        self.actor = actor
    }

    /// - Returns: the account as it is now.
    /// - Throws: ``UserRefusal`` `.userNotFound`, `.invalidSlotCapacity`, `.ownRights`, `.lastAdmin`.
    public func execute(in step: SQLStep) throws -> Decision<User, Never> {
        let users = UserStore(step.transaction)
        guard let old = try users.lock(user) else { throw UserRefusal.userNotFound }
        let new = User(
            id: old.id, name: old.name, roles: change.roles ?? old.roles,
            isActive: change.isActive ?? old.isActive, slotCapacity: change.slotCapacity ?? old.slotCapacity,
            epoch: old.epoch, createdAt: old.createdAt)
        guard new.slotCapacity >= 0 else { throw UserRefusal.invalidSlotCapacity }
        if old.isAdministrator, !new.isAdministrator {
            guard user != actor else { throw UserRefusal.ownRights }
            guard try users.otherAdministratorExists(than: user) else { throw UserRefusal.lastAdmin }
        }
        guard new != old else { return Decision(old) }
        try users.update(new, at: step.now)
        if new.roles != old.roles || new.isActive != old.isActive {
            _ = try users.raiseEpoch(of: user, at: step.now)
        }
        try AuditLog.write(
            AuditRecord(
                service: UsersParticipant.service, action: "users.changed", resource: "user",
                resourceID: user.description, actor: actor.uuid,
                details: try old.details("old").merging(new.details("new")) { _, new in new }),
            in: step)
        return Decision(try users.user(user) ?? new)
    }
}

extension User {
    /// Whether it is one who may administer now.
    var isAdministrator: Bool { isActive && roles.contains(.admin) }

    fileprivate func details(_ prefix: String) throws -> [String: String] {
        [
            "\(prefix).active": String(isActive), "\(prefix).roles": try UserStore.text(roles),
            "\(prefix).slotCapacity": String(slotCapacity),
        ]
    }
}
