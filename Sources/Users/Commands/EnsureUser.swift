import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Makes sure that a user of that name exists. Idempotent: one that does is left as it is.
public struct EnsureUser: Command {
    public static let id: ReactionID = "users.ensure-user"

    /// Which user, and whether this call made it.
    public struct Outcome: Sendable, Hashable {
        public let id: UserID
        public let isNew: Bool
    }

    let name: String
    let roles: Set<Role>
    let balance: Money
    let slotCapacity: Int64

    /// - Parameters:
    ///   - name: unique, 1 to 100 bytes of UTF-8.
    ///   - balance: paid into the wallet of a new user; in minor units.
    ///   - slotCapacity: how many distinct items a new user may own.
    public init(
        name: String, roles: Set<Role> = [.user], balance: Money = .zero,
        slotCapacity: Int64 = User.defaultSlotCapacity
    ) {
        self.name = name
        self.roles = roles
        self.balance = balance
        self.slotCapacity = slotCapacity
    }

    /// - Throws: ``UserRefusal`` as ``CreateUser`` and ``Deposit``.
    public func execute(in step: SQLStep) throws -> Decision<Outcome, Never> {
        if let user = try UserStore(step.transaction).user(named: name) {
            return Decision(Outcome(id: user.id, isNew: false))
        }
        let created = try CreateUser(name: name, roles: roles, slotCapacity: slotCapacity).execute(in: step)
        if balance != .zero {
            _ = try Deposit(user: created.outcome, amount: balance, reason: "opening balance").execute(in: step)
        }
        return Decision(Outcome(id: created.outcome, isNew: true))
    }
}
