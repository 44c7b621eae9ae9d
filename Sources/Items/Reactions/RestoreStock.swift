import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Gives an order's pieces back as soon as a later step failed. The order's end asks for the acknowledgement.
struct RestoreStock<Trigger: StepFailed>: Compensation {
    static var id: ReactionID { "items.restore-stock.\(Trigger.type.name)" }
    static var undoes: [ReactionID] { [ReserveStock.id] }

    func react(to event: Trigger, in step: SQLStep) throws -> Reply<Silence, Never> {
        switch try StockRestoration(step).undo(event.order, because: event.cause) {
        case .undone: .accept(Silence())
        case .undoneBefore: .ignore(.duplicate)
        }
    }
}
