import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Asks the saga to cancel an order that holds a reservation. The reservation itself changes only by the saga.
public struct RequestReservationCancel: Command {
    public static let id: ReactionID = "items.request-reservation-cancel"

    public let reservation: ReservationID
    public let actor: UserID
    public let reason: String

    public init(reservation: ReservationID, actor: UserID, reason: String) {
        self.reservation = reservation
        self.actor = actor
        self.reason = reason
    }

    /// Asking again, while the first request is under way, changes and emits nothing.
    ///
    /// - Throws: ``ItemsRefusal`` `.invalid`, `.reservationNotFound`, `.reservationConflict` unless it is `reserved`.
    public func execute(in step: SQLStep) throws -> Decision<Reservation, ItemReservationCancelRequested> {
        let reason = try ItemLimits.checked(reason: reason)
        let reservations = ReservationStore(step.transaction)
        guard let seen = try reservations.reservation(reservation) else {
            throw ItemsRefusal.reservationNotFound(reservation)
        }
        guard let facts = try reservations.factsOfHeld(seen.orderID) else {
            let status = try reservations.reservation(reservation)?.status ?? seen.status
            throw ItemsRefusal.reservationConflict(status)
        }
        guard try reservations.noteCancelRequest(reservation, by: actor, reason: reason, at: step.now) else {
            return Decision(seen)
        }
        try AuditLog.write(
            AuditRecord(
                service: ItemsParticipant.service, action: "items.reservation-cancel-requested",
                resource: "reservation", resourceID: "\(reservation)", actor: actor.uuid,
                details: ["order": "\(seen.orderID)", "reason": reason], correlationID: seen.orderID.uuid), in: step)
        return Decision(
            try reservations.reservation(reservation) ?? seen,
            emits: ItemReservationCancelRequested(
                order: facts, cause: .admin, refusal: Refusal(.reservationCancelled), reason: reason))
    }
}
