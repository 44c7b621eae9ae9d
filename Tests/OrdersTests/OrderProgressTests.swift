import PurchaseContracts
import SagaChoreography
import Testing

@testable import Orders

/// The table of the saga, written out a second time, state by state.
@Suite struct OrderProgressTests {
    private func progress(
        _ state: OrderState, coupon: Bool = true, flag: Cause? = nil, marks: Set<OrderMark> = [], settled: Bool = false
    ) -> OrderProgress {
        OrderProgress(state: state, hasCoupon: coupon, cancelCause: flag, marks: marks, isSettled: settled)
    }

    @Test(arguments: OrderState.allCases)
    func `a validated coupon begins a pending order and nothing else`(state: OrderState) {
        let verdict = progress(state).verdict(on: .couponValidated)
        switch state {
        case .pending: #expect(verdict == .begin)
        case .processing, .confirmed, .completed, .refunded: #expect(verdict == .ignore(.duplicate))
        case .failed, .cancelled: #expect(verdict == .ignore(.tombstone))
        }
    }

    @Test(arguments: OrderState.allCases)
    func `a refused coupon fails a pending order and nothing else`(state: OrderState) {
        let verdict = progress(state).verdict(on: .couponRefused)
        switch state {
        case .pending: #expect(verdict == .end(.failed))
        case .processing, .confirmed, .completed, .refunded: #expect(verdict == .ignore(.notExpected))
        case .failed, .cancelled: #expect(verdict == .ignore(.duplicate))
        }
    }

    @Test(arguments: OrderState.allCases, Cause.allCases)
    func `a failed step ends a running order and alarms past the pivot`(state: OrderState, cause: Cause) {
        for flag in [nil] + Cause.allCases.map(Optional.some) {
            let verdict = progress(state, flag: flag).verdict(on: .stepFailed(cause))
            switch state {
            case .pending: #expect(verdict == .ignore(.notExpected))
            case .processing:
                #expect(verdict == .end(cause == .user || flag == .user ? .cancelled : .failed))
            case .confirmed, .completed, .refunded:
                guard case .alarm = verdict else {
                    Issue.record("\(state) took a failed step without alarm")
                    return
                }
            case .failed, .cancelled: #expect(verdict == .ignore(.duplicate))
            }
        }
    }

    @Test(arguments: OrderState.allCases, Cause.allCases)
    func `a wish to cancel ends a pending order and flags a running one once`(state: OrderState, cause: Cause) {
        let verdict = progress(state).verdict(on: .cancelAsked(cause))
        switch state {
        case .pending: #expect(verdict == .end(cause == .user ? .cancelled : .failed))
        case .processing:
            #expect(verdict == .flagCancel)
            for flag in Cause.allCases {
                #expect(progress(state, flag: flag).verdict(on: .cancelAsked(cause)) == .ignore(.duplicate))
            }
        case .confirmed, .completed, .refunded: #expect(verdict == .ignore(.notExpected))
        case .failed, .cancelled: #expect(verdict == .ignore(.duplicate))
        }
    }

    @Test(arguments: OrderState.allCases)
    func `a captured payment confirms a running order, flagged or not, and alarms for an undone one`(state: OrderState)
    {
        for flag in [nil, Cause.user, .deadline] {
            let verdict = progress(state, flag: flag).verdict(on: .paymentProcessed)
            switch state {
            case .pending: #expect(verdict == .ignore(.notExpected))
            case .processing: #expect(verdict == .confirm)
            case .confirmed, .completed, .refunded: #expect(verdict == .ignore(.duplicate))
            case .failed, .cancelled:
                guard case .alarm = verdict else {
                    Issue.record("\(state) took a captured payment without alarm")
                    return
                }
            }
        }
    }

    @Test(arguments: OrderState.allCases, OrderMark.allCases)
    func `a mark is noted once, where it counts`(state: OrderState, mark: OrderMark) {
        let counts: Bool =
            switch mark {
            case .paymentConfirmed, .inventoryConfirmed, .itemDeducted: true
            case .couponUsed: state == .completed || state == .refunded
            case .paymentRollback, .inventoryRollback, .itemRestored, .couponReleased:
                state == .failed || state == .cancelled
            }
        #expect(progress(state).verdict(on: .marked(mark)) == (counts ? .note(mark) : .ignore(.notExpected)))
        #expect(progress(state, marks: [mark]).verdict(on: .marked(mark)) == .ignore(.duplicate))
        let isCouponMark = mark == .couponUsed || mark == .couponReleased
        let withoutCoupon = progress(state, coupon: false).verdict(on: .marked(mark))
        #expect(withoutCoupon == (counts && !isCouponMark ? .note(mark) : .ignore(.notExpected)))
    }

    @Test(arguments: OrderState.allCases, [true, false])
    func `exactly the due marks complete and settle`(state: OrderState, coupon: Bool) {
        for bits in 0..<(1 << OrderMark.allCases.count) {
            let marks = Set(OrderMark.allCases.enumerated().filter { bits & (1 << $0.offset) != 0 }.map(\.element))
            let conclusion = progress(state, coupon: coupon, marks: marks).conclusion
            let expected: OrderConclusion =
                switch state {
                case .pending, .processing: .none
                case .confirmed:
                    marks.isSuperset(of: [.paymentConfirmed, .inventoryConfirmed, .itemDeducted])
                        ? .complete(settles: !coupon) : .none
                case .completed, .refunded: !coupon || marks.contains(.couponUsed) ? .settle : .none
                case .failed, .cancelled:
                    marks.isSuperset(of: [.paymentRollback, .inventoryRollback, .itemRestored])
                        && (!coupon || marks.contains(.couponReleased)) ? .settle : .none
                }
            #expect(conclusion == expected)
            if state == .completed || state == .refunded || state.isUndone {
                #expect(progress(state, coupon: coupon, marks: marks, settled: true).conclusion == .none)
            }
            if state == .completed {
                var refunding = progress(state, coupon: coupon, marks: marks)
                refunding.hasOpenRefund = true
                #expect(refunding.conclusion == .none)
            }
        }
    }
}
