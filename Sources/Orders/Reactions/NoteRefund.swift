import PurchaseContracts
import SagaChoreography
import SagaSQL

/// An event that sets a mark of a refund.
protocol RefundMarking: RefundEvent {
    static var mark: RefundMark { get }
}

extension InventoryReturned: RefundMarking { static var mark: RefundMark { .goodsReturned } }
extension ItemRestocked: RefundMarking { static var mark: RefundMark { .stockRestocked } }
extension WalletCredited: RefundMarking { static var mark: RefundMark { .walletCredited } }

/// Ticks the acknowledgement of a refund off: with the last of three the order is refunded, and settled again.
struct NoteRefund<Acknowledgement: RefundMarking>: Reaction {
    static var id: ReactionID { "orders.note-refund.\(Acknowledgement.type.name)" }

    func react(
        to event: Acknowledgement, in step: SQLStep
    ) throws -> Reply<Both<OrderRefunded?, OrderSettled?>, Never> {
        let closing = RefundClosing(step)
        guard let (order, refund) = try closing.lock(event) else { return .ignore(.notExpected) }
        switch refund.verdict(on: Acknowledgement.mark) {
        case .note:
            try closing.refunds.note(Acknowledgement.mark, of: refund, at: step.now)
            return .accept(Both(nil, nil))
        case .complete:
            try closing.refunds.complete(refund, with: Acknowledgement.mark, at: step.now)
            return .accept(
                Both(OrderRefunded(order: order.facts, refundID: refund.id), try closing.settle(order.facts.id)))
        case .ignore(let why): return .ignore(why)
        case .alarm(let what): throw SagaFault.alarm(what)
        case .fail: throw SagaFault.permanent(.contract, "an acknowledgement fails no refund")
        }
    }
}

/// The user no longer has the goods, or the gateway keeps the money and they are his again: the refund is closed, and the next one
/// may be opened.
struct FailRefund<Refused: RefusedRefundEvent>: Reaction {
    static var id: ReactionID { "orders.fail-refund.\(Refused.type.name)" }

    func react(to event: Refused, in step: SQLStep) throws -> Reply<Both<OrderRefundFailed, OrderSettled?>, Never> {
        let closing = RefundClosing(step)
        guard let (order, refund) = try closing.lock(event) else { return .ignore(.notExpected) }
        switch refund.verdictOnRefusal {
        case .fail:
            try closing.refunds.fail(refund, because: event.refusal, at: step.now)
            let failed = OrderRefundFailed(order: order.facts, refundID: refund.id, refusal: event.refusal)
            return .accept(Both(failed, try closing.settle(order.facts.id)))
        case .ignore(let why): return .ignore(why)
        case .alarm(let what): throw SagaFault.alarm(what)
        case .note, .complete: throw SagaFault.permanent(.contract, "a refusal completes no refund")
        }
    }
}

/// What both have to do.
struct RefundClosing {
    let refunds: RefundStore
    private let orders: OrderStore
    private let now: Timestamp

    init(_ step: SQLStep) {
        refunds = RefundStore(step.transaction)
        orders = OrderStore(step.transaction)
        now = step.now
    }

    /// Locks the order, and reads the very refund that an event is about.
    func lock(_ event: some RefundEvent) throws -> (order: OrderRecord, refund: Refund)? {
        guard let order = try orders.lock(event.order.id), let refund = try refunds.refund(event.refundID),
            refund.orderID == order.facts.id
        else { return nil }
        return (order, refund)
    }

    /// The order as it is now may be settled, unless its coupon's acknowledgement is still to come.
    func settle(_ id: OrderID) throws -> OrderSettled? {
        guard let progress = try orders.progress(of: id), progress.conclusion == .settle else { return nil }
        try orders.settle([id], at: now)
        return OrderSettled(orderID: id)
    }
}
