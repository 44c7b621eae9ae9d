import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The pivot is passed, whatever the cancel flag says. Confirmations that overtook it may complete the order at once.
struct ConfirmOrder: BatchReaction {
    static let id: ReactionID = "orders.confirm-order"

    typealias Transaction = any SQLTransaction
    typealias Input = PaymentProcessed
    typealias Accepted = CompletedOrder
    typealias Rejected = Never

    func react(toAll events: [PaymentProcessed], in step: SQLStep) throws -> [Reply<CompletedOrder, Never>] {
        try OrderTransitions(step).confirm(events.map(\.order.id))
    }
}
