import PurchaseContracts

/// Why Users did not do what a command asked. Nothing was changed.
public enum UserRefusal: Error, Sendable, Codable, Hashable, CaseIterable {
    case userNotFound
    /// 1 to 100 bytes of UTF-8, something visible, no control characters.
    case invalidName
    case nameTaken
    /// The id belongs to another user already.
    case idTaken
    /// Slot capacities are not negative.
    case invalidSlotCapacity
    /// Deposits are positive.
    case invalidAmount
    /// The wallet would exceed ``Balance/limit``.
    case walletFull
    /// The idempotency key was used for another deposit.
    case keyReused
    /// No such name, no password, or another one: which of these it was is nobody's business.
    case wrongCredentials
    /// An administrator cannot take his own rights away.
    case ownRights
    /// Somebody must remain who may administer.
    case lastAdmin

    /// Stable, for clients.
    public var slug: String {
        switch self {
        case .userNotFound: RefusalCode.userNotFound.rawValue
        case .invalidName: "users.invalid-name"
        case .nameTaken: "users.name-taken"
        case .idTaken: "users.id-taken"
        case .invalidSlotCapacity: "users.invalid-slot-capacity"
        case .invalidAmount: "users.invalid-amount"
        case .walletFull: "users.wallet-full"
        case .keyReused: "users.key-reused"
        case .wrongCredentials: "users.wrong-credentials"
        case .ownRights: "users.own-rights"
        case .lastAdmin: "users.last-admin"
        }
    }
}
