import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// An event that moves its order on.
protocol Advancing: OrderEvent {
    static var trigger: OrderTrigger { get }
}

/// An event that sets a mark of its order.
protocol Marking: Advancing {
    static var mark: OrderMark { get }
}

extension Marking {
    static var trigger: OrderTrigger { .marked(mark) }
}

extension PaymentConfirmed: Marking { static var mark: OrderMark { .paymentConfirmed } }
extension InventoryConfirmed: Marking { static var mark: OrderMark { .inventoryConfirmed } }
extension ItemDeducted: Marking { static var mark: OrderMark { .itemDeducted } }
extension CouponUsed: Marking { static var mark: OrderMark { .couponUsed } }
extension PaymentRollback: Marking { static var mark: OrderMark { .paymentRollback } }
extension InventoryRollback: Marking { static var mark: OrderMark { .inventoryRollback } }
extension ItemRestored: Marking { static var mark: OrderMark { .itemRestored } }
extension CouponReleased: Marking { static var mark: OrderMark { .couponReleased } }

/// Ticks confirmations off, with the last of three the order is completed.
struct NoteConfirmation<Confirmation: Marking>: OrderAdvancing {
    typealias Transaction = any SQLTransaction
    typealias Input = Confirmation
    typealias Accepted = CompletedOrder
    typealias Rejected = Never

    static var id: ReactionID { "orders.note-confirmation.\(Confirmation.type.name)" }
}

/// Ticks the acknowledgement of an ended order off: with the last one that is due the order is settled.
struct NoteAcknowledgement<Acknowledgement: Marking>: BatchReaction {
    typealias Transaction = any SQLTransaction
    typealias Input = Acknowledgement
    typealias Accepted = OrderSettled?
    typealias Rejected = Never

    static var id: ReactionID { "orders.note-acknowledgement.\(Acknowledgement.type.name)" }

    func react(toAll events: [Acknowledgement], in step: SQLStep) throws -> [Reply<OrderSettled?, Never>] {
        let triggers = events.map { (order: $0.order, trigger: Acknowledgement.trigger) }
        return try OrderTransitions(step).advance(triggers).map { reply in
            switch reply {
            case .accept(let emission): .accept(emission.second)
            case .ignore(let why): .ignore(why)
            }
        }
    }
}
