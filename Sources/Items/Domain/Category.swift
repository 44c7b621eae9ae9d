import PurchaseContracts
import SagaChoreography

/// What items are grouped by.
public struct Category: Sendable, Hashable {
    public let id: CategoryID
    /// Unique, whatever the case of its letters.
    public let name: String
    public let createdAt: Timestamp
}

/// What a change does with a value that may be missing.
public enum Edit<Value: Sendable & Hashable>: Sendable, Hashable {
    case keep
    /// `nil` clears it.
    case set(Value?)

    func applied(to old: Value?) -> Value? {
        switch self {
        case .keep: old
        case .set(let new): new
        }
    }
}
