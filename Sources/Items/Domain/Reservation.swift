import FoundationEssentials
import PurchaseContracts
import SagaChoreography

/// Identifies one reserved line of an order.
public struct ReservationID: EntityID {
    public let uuid: UUID
    public init(_ uuid: UUID) { self.uuid = uuid }
}

/// One reserved line of an order, as managers see it.
public struct Reservation: Sendable, Hashable {
    public let id: ReservationID
    public let orderID: OrderID
    public let userID: UserID
    public let itemID: ItemID
    /// Pieces, at least 1.
    public let quantity: Int64
    public let status: ReservationStatus
    public let createdAt: Timestamp
    /// When a manager asked for it to be cancelled, if one did.
    public let cancelRequestedAt: Timestamp?
}

/// A reservation's status, which is never stored: it follows from the order's row.
public enum ReservationStatus: String, Sendable, Codable, CaseIterable {
    case reserved = "RESERVED"
    case confirmed = "CONFIRMED"
    case cancelled = "CANCELLED"
    /// Given back because the order's deadline had passed.
    case expired = "EXPIRED"

    init(_ state: HoldState, cause: Cause?) {
        self =
            switch state {
            case .held: .reserved
            case .sold, .restocked: .confirmed
            case .restored, .rejected, .tombstone: cause == .deadline ? .expired : .cancelled
            }
    }
}
