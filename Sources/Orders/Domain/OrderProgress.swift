import PurchaseContracts
import SagaChoreography

/// The state machine of an order, without a database: where it stands, and what a trigger means there.
struct OrderProgress: Sendable, Hashable {
    var state: OrderState
    let hasCoupon: Bool
    /// The cancel flag: why the order is asked to be undone while its steps run. The first one stays.
    var cancelCause: Cause?
    var marks: Set<OrderMark>
    var isSettled: Bool
    /// A refund of the completed order is under way.
    var hasOpenRefund = false

    /// The marks whose arrival the present state waits for, those that are in included.
    var due: [OrderMark] {
        switch state {
        case .pending, .processing: []
        case .confirmed: OrderMark.confirmations
        case .completed, .refunded: hasCoupon ? [.couponUsed] : []
        case .failed, .cancelled:
            [.paymentRollback, .inventoryRollback, .itemRestored] + (hasCoupon ? [.couponReleased] : [])
        }
    }

    /// The marks that are due and not in.
    var missing: [OrderMark] { due.filter { !marks.contains($0) } }

    /// What follows from the marks alone, once a change was made.
    var conclusion: OrderConclusion {
        switch state {
        case .pending, .processing: .none
        case .confirmed: missing.isEmpty ? .complete(settles: !hasCoupon) : .none
        case .completed, .refunded, .failed, .cancelled:
            missing.isEmpty && !isSettled && !hasOpenRefund ? .settle : .none
        }
    }

    /// The row of the table in docs/saga.md for this trigger and state.
    func verdict(on trigger: OrderTrigger) -> OrderVerdict {
        switch trigger {
        case .couponValidated:
            switch state {
            case .pending: .begin
            case .processing, .confirmed, .completed, .refunded: .ignore(.duplicate)
            case .failed, .cancelled: .ignore(.tombstone)
            }
        case .couponRefused:
            switch state {
            case .pending: .end(.failed)
            case .processing, .confirmed, .completed, .refunded: .ignore(.notExpected)
            case .failed, .cancelled: .ignore(.duplicate)
            }
        case .stepFailed(let cause): verdict(onStepFailedBy: cause)
        case .cancelAsked(let cause): verdict(onCancelAskedBy: cause)
        case .paymentProcessed:
            switch state {
            case .pending: .ignore(.notExpected)
            case .processing: .confirm
            case .confirmed, .completed, .refunded: .ignore(.duplicate)
            case .failed, .cancelled: .alarm("payment.processed for an order that is \(state.rawValue)")
            }
        case .marked(let mark):
            if marks.contains(mark) {
                .ignore(.duplicate)
            } else if mark.states.contains(state), hasCoupon || !mark.concernsCoupon {
                .note(mark)
            } else {
                .ignore(.notExpected)
            }
        }
    }

    private func verdict(onStepFailedBy cause: Cause) -> OrderVerdict {
        switch state {
        case .pending: .ignore(.notExpected)
        case .processing: .end(cause == .user || cancelCause == .user ? .cancelled : .failed)
        case .confirmed, .completed, .refunded: .alarm("a step failed for an order that is \(state.rawValue)")
        case .failed, .cancelled: .ignore(.duplicate)
        }
    }

    /// Never undone here while steps run: only Payments knows whether money moved.
    private func verdict(onCancelAskedBy cause: Cause) -> OrderVerdict {
        switch state {
        case .pending: .end(cause == .user ? .cancelled : .failed)
        case .processing: cancelCause == nil ? .flagCancel : .ignore(.duplicate)
        case .confirmed, .completed, .refunded: .ignore(.notExpected)
        case .failed, .cancelled: .ignore(.duplicate)
        }
    }
}

/// What can happen to an order after it was placed.
enum OrderTrigger: Sendable, Hashable {
    case couponValidated
    case couponRefused
    /// user.validation.failed, inventory.reservation.failed, item.reservation.failed, payment.failed.
    case stepFailed(Cause)
    /// The user, an admin, an inventory manager or the deadline.
    case cancelAsked(Cause)
    case paymentProcessed
    case marked(OrderMark)
}

/// What a trigger means in a state.
enum OrderVerdict: Sendable, Equatable {
    /// PENDING → PROCESSING; order.created.
    case begin
    /// To FAILED or CANCELLED; order.failed or order.cancelled.
    case end(OrderState)
    /// The cancel flag; order.cancel.requested.
    case flagCancel
    /// PROCESSING → CONFIRMED; then see ``OrderProgress/conclusion``.
    case confirm
    /// The mark is set; then see ``OrderProgress/conclusion``.
    case note(OrderMark)
    case ignore(Ignored)
    case alarm(String)
}

/// What follows from marks that are in.
enum OrderConclusion: Sendable, Equatable {
    case none
    /// CONFIRMED → COMPLETED; order.completed, and order.settled at once where no coupon is due.
    case complete(settles: Bool)
    /// order.settled.
    case settle
}
