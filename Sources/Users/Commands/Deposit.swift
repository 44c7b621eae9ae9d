import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Pays into a wallet. Audited; idempotent if given a key.
public struct Deposit: Command {
    public static let id: ReactionID = "users.deposit"

    /// What came of it.
    public struct Receipt: Sendable, Hashable {
        /// The entry of the wallet's statement.
        public let entryID: UUID
        /// What was available right after the deposit.
        public let available: Money
        /// Whether the key had been used before: then nothing was paid in again.
        public let isRepeat: Bool
    }

    let user: UserID
    let amount: Money
    let reason: String
    let actor: UserID?
    let key: String?

    /// - Parameters:
    ///   - amount: positive, in minor units.
    ///   - reason: for the statement and the audit.
    ///   - actor: who asked for it.
    ///   - key: the same key pays in once, however often it is sent.
    public init(user: UserID, amount: Money, reason: String, actor: UserID? = nil, key: String? = nil) {
        self.user = user
        self.amount = amount
        self.reason = reason
        self.actor = actor
        self.key = key
    }

    /// - Throws: ``UserRefusal`` `.invalidAmount`, `.userNotFound`, `.walletFull` or `.keyReused`.
    public func execute(in step: SQLStep) throws -> Decision<Receipt, Never> {
        guard amount > .zero else { throw UserRefusal.invalidAmount }
        let wallets = WalletStore(step)
        if let key, let earlier = try wallets.ledger.deposit(under: key) {
            guard earlier.userID == user, earlier.amount == amount, earlier.reason == reason else {
                throw UserRefusal.keyReused
            }
            return Decision(Receipt(entryID: earlier.id, available: earlier.balanceAfter, isRepeat: true))
        }
        guard let available = try wallets.deposit(amount, to: user) else {
            let exists = try UserStore(step.transaction).user(user) != nil
            throw exists ? UserRefusal.walletFull : UserRefusal.userNotFound
        }
        let entryID = try wallets.ledger.recordDeposit(
            amount, to: user, reason: reason, key: key, balance: available)
        try AuditLog.write(
            AuditRecord(
                service: UsersParticipant.service, action: "users.deposit", resource: "wallet",
                resourceID: user.description, actor: actor?.uuid,
                details: [
                    "amount": String(amount.minorUnits), "available": String(available.minorUnits),
                    "reason": reason, "entry": entryID.uuidString.lowercased(),
                ]),
            in: step)
        return Decision(Receipt(entryID: entryID, available: available, isRepeat: false))
    }
}
