import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Makes due at once what this process committed to calling and does not come to any more, instead of at the end of its lease.
struct ReleasePayments: Command {
    static let id: ReactionID = "payments.release"
    let orders: [OrderID]

    func execute(in step: SQLStep) throws -> Decision<Int, Never> {
        for part in BoundedList.parts(of: orders.sorted()) { try PaymentStore(step).release(part) }
        return Decision(orders.count)
    }
}
