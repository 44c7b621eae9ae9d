import PurchaseContracts
import SagaChoreography
import SagaSQL

/// The order ended undone → what is held is given back; payment.rollback says so in every undone state, however often the
/// event comes, because Orders waits for it.
struct ReleaseFundsAndAcknowledge<Trigger: OrderUndone>: Compensation {
    static var id: ReactionID { "users.release-funds.\(Trigger.type.name)" }  // Inbox key: never rename.
    static var undoes: [ReactionID] { [HoldFunds.id] }

    func react(to event: Trigger, in step: SQLStep) throws -> Reply<PaymentRollback, Never> {
        try FundsRelease(step).release(event.order, because: Trigger.type)
        return .accept(PaymentRollback(order: event.order))
    }
}
