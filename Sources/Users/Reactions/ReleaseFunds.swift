import PurchaseContracts
import SagaChoreography
import SagaSQL

/// A later step failed → what is held is given back early, and silently: the order's end asks for the acknowledgement.
struct ReleaseFunds<Trigger: StepFailed>: Compensation {
    static var id: ReactionID { "users.release-funds.\(Trigger.type.name)" }  // Inbox key: never rename.
    static var undoes: [ReactionID] { [HoldFunds.id] }

    func react(to event: Trigger, in step: SQLStep) throws -> Reply<Silence, Never> {
        switch try FundsRelease(step).release(event.order, because: Trigger.type) {
        case .released, .leftTombstone: .accept(Silence())
        case .undoneBefore: .ignore(.duplicate)
        case .nothingTaken: .ignore(.notExpected)
        }
    }
}
