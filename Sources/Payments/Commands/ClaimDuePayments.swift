import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Commits to calling the gateway for what is due, before the first call: after a crash the row says that money may have
/// moved, and a cancellation that comes meanwhile waits for the answer.
public struct ClaimDuePayments: Command {
    public static let id: ReactionID = "payments.claim-due"
    let limit: Int
    let lease: Duration
    let book: GatewayBook

    /// - Parameters:
    ///   - limit: how many at most, oldest due first.
    ///   - lease: how long no other worker takes them; longer than a call can last.
    ///   - book: where the gateway that is to be called keeps its book.
    public init(limit: Int, lease: Duration, book: GatewayBook = .here) {
        self.limit = limit
        self.lease = lease
        self.book = book
    }

    public func execute(in step: SQLStep) throws -> Decision<[ClaimedPayment], Never> {
        // Refunds are few; a share is theirs however many payments wait, and no more than that.
        let refunds = try RefundStore(step).claimDue(
            limit: max(1, limit / 4), until: step.now + lease, book: book)
        guard refunds.count < limit else { return Decision(refunds) }
        return Decision(
            refunds
                + (try PaymentStore(step).claimDue(
                    limit: limit - refunds.count, until: step.now + lease, book: book)))
    }
}
