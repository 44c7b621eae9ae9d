import PurchaseContracts
import SagaChoreography
import SagaSQL

/// A later step failed → the slots are given back early, and silently: the order's end asks for the acknowledgement.
struct ReleaseSlots<Trigger: StepFailed>: Compensation {
    static var id: ReactionID { "inventory.release-slots.\(Trigger.type.name)" }  // Inbox key: never rename.
    static var undoes: [ReactionID] { [ReserveSlots.id] }

    func react(to event: Trigger, in step: SQLStep) throws -> Reply<Silence, Never> {
        switch try SlotsRelease(step).release(event.order, because: Trigger.type) {
        case .released, .leftTombstone: .accept(Silence())
        case .undoneBefore: .ignore(.duplicate)
        case .nothingTaken: .ignore(.notExpected)
        }
    }
}
