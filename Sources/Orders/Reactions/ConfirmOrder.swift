import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

extension PaymentProcessed: Advancing { static var trigger: OrderTrigger { .paymentProcessed } }

/// The pivot is passed, whatever the cancel flag says. Confirmations that overtook it may complete the order at once.
struct ConfirmOrder: OrderAdvancing {
    static let id: ReactionID = "orders.confirm-order"

    typealias Transaction = any SQLTransaction
    typealias Input = PaymentProcessed
    typealias Accepted = CompletedOrder
    typealias Rejected = Never
}

/// The pivot and the confirmations after it: one change of an order's row for as many as have come.
protocol OrderAdvancing: JointReaction
where Transaction == any SQLTransaction, Accepted == CompletedOrder, Rejected == Never {}

extension OrderAdvancing {
    static var family: ReactionID { "orders.complete-order" }

    static func react(together events: [any Event], in step: SQLStep) throws -> [Reply<CompletedOrder, Never>] {
        let triggers = try events.map { event in
            guard let event = event as? any Advancing else {
                throw SagaFault.permanent(.contract, "\(type(of: event).type) moves no order on")
            }
            return (order: event.order, trigger: type(of: event).trigger)
        }
        return try OrderTransitions(step).advance(triggers)
    }
}
