import PurchaseContracts
import SagaChoreography

/// How a refund stands.
public enum RefundState: String, Sendable, Codable, Hashable, CaseIterable {
    /// The goods are being set aside, the gateway is asked, or what follows its yes is under way.
    case open = "OPEN"
    /// Money, goods and stock are back where they came from.
    case refunded = "REFUNDED"
    /// The user no longer has the goods, or the gateway keeps the money: the order is completed as before.
    case failed = "FAILED"
}

/// What another service tells of a refund and Orders ticks off: a column each, set once.
enum RefundMark: String, Sendable, Hashable, CaseIterable {
    case goodsReturned, stockRestocked, walletCredited

    /// The type of the event that sets the mark: also the slug of what a refund waits for.
    var eventName: String {
        switch self {
        case .goodsReturned: "inventory.returned"
        case .stockRestocked: "item.restocked"
        case .walletCredited: "wallet.credited"
        }
    }
}

/// One refund of an order.
struct Refund: Sendable, Hashable {
    let id: RefundID
    let orderID: OrderID
    var state: RefundState
    var marks: Set<RefundMark>
    let reason: String
    let actor: UserID
    /// Why it failed.
    var refusal: Refusal?
    let openedAt: Timestamp
    var closedAt: Timestamp?

    /// The marks that an open refund still needs to succeed.
    var missing: [RefundMark] { state == .open ? RefundMark.allCases.filter { !marks.contains($0) } : [] }

    /// What an acknowledgement means for it.
    func verdict(on mark: RefundMark) -> RefundVerdict {
        switch state {
        case .open where marks.contains(mark): .ignore(.duplicate)
        case .open: missing == [mark] ? .complete : .note
        case .refunded: .ignore(.duplicate)
        case .failed: .alarm("\(mark.eventName) for a refund that failed")
        }
    }

    /// What a refusal means for it.
    var verdictOnRefusal: RefundVerdict {
        switch state {
        case .open where marks.isEmpty: .fail
        case .failed: .ignore(.duplicate)
        case .open, .refunded: .alarm("a refund was refused after the gateway had given the money back")
        }
    }
}

/// What a trigger means for a refund.
enum RefundVerdict: Sendable, Equatable {
    case note
    /// The last mark is in; order.refunded.
    case complete
    /// order.refund.failed.
    case fail
    case ignore(Ignored)
    case alarm(String)
}

/// A refund as admins and its order's user see it.
public struct RefundView: Sendable, Hashable {
    public let id: RefundID
    public let orderID: OrderID
    public let state: RefundState
    /// What the admin gave as reason.
    public let reason: String
    /// Why it failed.
    public let refusal: Refusal?
    /// What an open refund still waits for to succeed.
    public let missing: [EventType]
    /// What is acknowledged.
    public let noted: Set<EventType>
    public let openedAt: Timestamp
    public let closedAt: Timestamp?

    init(_ refund: Refund) {
        id = refund.id
        orderID = refund.orderID
        state = refund.state
        reason = refund.reason
        refusal = refund.refusal
        missing = refund.missing.map { EventType($0.eventName) }
        noted = Set(refund.marks.map { EventType($0.eventName) })
        openedAt = refund.openedAt
        closedAt = refund.closedAt
    }
}
