import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Commits to calling the gateway for what is due, before the first call: after a crash the row says that money may have
/// moved, and a cancellation that comes meanwhile waits for the answer.
public struct ClaimDuePayments: Command {
    public static let id: ReactionID = "payments.claim-due"
    let limit: Int
    let lease: Duration

    /// - Parameters:
    ///   - limit: how many at most, oldest due first.
    ///   - lease: how long no other worker takes them; longer than a call can last.
    public init(limit: Int, lease: Duration) {
        self.limit = limit
        self.lease = lease
    }

    public func execute(in step: SQLStep) throws -> Decision<[ClaimedPayment], Never> {
        Decision(try PaymentStore(step).claimDue(limit: limit, until: step.now + lease))
    }
}
