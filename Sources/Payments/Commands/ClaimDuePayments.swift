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
        // Refunds are few; a share is theirs however many payments wait, and no more than that. Where there is one call alone, such as a
        // probe, it is for what is due longest: neither kind must keep the other from finding out that the gateway is back.
        let share = limit > 1 ? max(1, limit / 4) : try PaymentQueries(step.transaction).isRefundNext(book) ? 1 : 0
        let refunds =
            share == 0 ? [] : try RefundStore(step).claimDue(limit: share, until: step.now + lease, book: book)
        guard refunds.count < limit else { return Decision(refunds) }
        return Decision(
            refunds
                + (try PaymentStore(step).claimDue(
                    limit: limit - refunds.count, until: step.now + lease, book: book)))
    }
}
