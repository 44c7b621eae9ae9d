import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// An event that sets a mark of its order.
protocol Marking: OrderEvent {
    static var mark: OrderMark { get }
}

extension PaymentConfirmed: Marking { static var mark: OrderMark { .paymentConfirmed } }
extension InventoryConfirmed: Marking { static var mark: OrderMark { .inventoryConfirmed } }
extension ItemDeducted: Marking { static var mark: OrderMark { .itemDeducted } }
extension CouponUsed: Marking { static var mark: OrderMark { .couponUsed } }
extension PaymentRollback: Marking { static var mark: OrderMark { .paymentRollback } }
extension InventoryRollback: Marking { static var mark: OrderMark { .inventoryRollback } }
extension ItemRestored: Marking { static var mark: OrderMark { .itemRestored } }
extension CouponReleased: Marking { static var mark: OrderMark { .couponReleased } }

/// Ticks confirmations off: one change of one row for as many as have come, and with the last of three the order is completed.
struct NoteConfirmation<Confirmation: Marking>: JointReaction {
    typealias Transaction = any SQLTransaction
    typealias Input = Confirmation
    typealias Accepted = CompletedOrder
    typealias Rejected = Never

    static var id: ReactionID { "orders.note-confirmation.\(Confirmation.type.name)" }

    static var family: ReactionID { "orders.note-confirmation" }

    static func react(together events: [any Event], in step: SQLStep) throws -> [Reply<CompletedOrder, Never>] {
        let marks = try events.map { event in
            guard let event = event as? any Marking else {
                throw SagaFault.permanent(.contract, "\(type(of: event).type) confirms nothing")
            }
            return (order: event.order.id, mark: type(of: event).mark)
        }
        return try OrderTransitions(step).note(marks)
    }
}

/// Ticks the acknowledgement of an ended order off: with the last one that is due the order is settled.
struct NoteAcknowledgement<Acknowledgement: Marking>: BatchReaction {
    typealias Transaction = any SQLTransaction
    typealias Input = Acknowledgement
    typealias Accepted = OrderSettled?
    typealias Rejected = Never

    static var id: ReactionID { "orders.note-acknowledgement.\(Acknowledgement.type.name)" }

    func react(toAll events: [Acknowledgement], in step: SQLStep) throws -> [Reply<OrderSettled?, Never>] {
        let marks = events.map { (order: $0.order.id, mark: Acknowledgement.mark) }
        return try OrderTransitions(step).note(marks).map { reply in
            switch reply {
            case .accept(let emission): .accept(emission.second)
            case .ignore(let why): .ignore(why)
            }
        }
    }
}
