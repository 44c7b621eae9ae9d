import PurchaseContracts
import SagaChoreography
import Testing

@testable import Orders

/// However triggers are grouped into batches, an order ends up the same, and each change of its row says exactly what is new.
@Suite struct OrderAdvanceTests {
    /// Where an order stands, and what may come for it together.
    struct Scene: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let progress: OrderProgress
        let triggers: [OrderTrigger]
    }

    private static func scene(
        _ description: String, _ state: OrderState, coupon: Bool, marks: Set<OrderMark> = [], settled: Bool = false,
        refund: Bool = false, triggers: [OrderTrigger]
    ) -> Scene {
        var progress = OrderProgress(
            state: state, hasCoupon: coupon, cancelCause: nil, marks: marks, isSettled: settled)
        progress.hasOpenRefund = refund
        return Scene(testDescription: description, progress: progress, triggers: triggers)
    }

    private static let confirmations = OrderMark.confirmations.map(OrderTrigger.marked)
    private static let rollbacks = [OrderMark.paymentRollback, .inventoryRollback, .itemRestored].map(
        OrderTrigger.marked)
    private static let confirmed = Set(OrderMark.confirmations)

    static let scenes = [
        scene("a running order", .processing, coupon: false, triggers: [.paymentProcessed] + confirmations),
        scene(
            "a running order with a coupon", .processing, coupon: true, triggers: [.paymentProcessed] + confirmations),
        scene(
            "a running order with a confirmation", .processing, coupon: false, marks: [.itemDeducted],
            triggers: [.paymentProcessed] + confirmations),
        scene("a confirmed order", .confirmed, coupon: false, triggers: [.paymentProcessed] + confirmations),
        scene(
            "a completed order with a coupon", .completed, coupon: true, marks: confirmed,
            triggers: [.paymentProcessed, .marked(.couponUsed), .marked(.itemDeducted)]),
        scene(
            "a completed order with an open refund", .completed, coupon: true, marks: confirmed, refund: true,
            triggers: [.marked(.couponUsed), .marked(.paymentConfirmed)]),
        scene("a failed order", .failed, coupon: false, triggers: rollbacks + [.marked(.couponReleased)]),
        scene(
            "a cancelled order with a coupon", .cancelled, coupon: true,
            triggers: rollbacks + [.marked(.couponReleased)]),
        scene(
            "a settled order", .cancelled, coupon: false,
            marks: [.paymentRollback, .inventoryRollback, .itemRestored], settled: true, triggers: rollbacks),
    ]

    /// Every sequence of up to five of `triggers`, with repetitions.
    private static func sequences(of triggers: [OrderTrigger]) -> [[OrderTrigger]] {
        var all: [[OrderTrigger]] = [[]]
        var longest = all
        for _ in 1...5 {
            longest = longest.flatMap { sequence in triggers.map { sequence + [$0] } }
            all += longest
        }
        return all
    }

    @Test(arguments: scenes)
    func `triggers make the same of an order together, in two batches and one by one`(scene: Scene) {
        for sequence in Self.sequences(of: scene.triggers) {
            let together = OrderAdvance(scene.progress, sequence).after
            let single = sequence.reduce(scene.progress) { OrderAdvance($0, [$1]).after }
            #expect(together == single, "\(sequence)")
            for cut in sequence.indices {
                let first = OrderAdvance(scene.progress, Array(sequence[..<cut])).after
                let second = OrderAdvance(first, Array(sequence[cut...])).after
                #expect(second == together, "\(sequence), cut at \(cut)")
            }
        }
    }

    @Test(arguments: scenes)
    func `a change says what is new, and nothing changes twice`(scene: Scene) {
        for sequence in Self.sequences(of: scene.triggers) {
            let advance = OrderAdvance(scene.progress, sequence)
            #expect(advance.verdicts.count == sequence.count)
            if let change = advance.change {
                #expect(change.from == scene.progress.state && change.to == advance.after.state)
                #expect(Set(change.marks) == advance.after.marks.subtracting(scene.progress.marks))
                #expect(change.marks.count == Set(change.marks).count)
                #expect(change.settles == (advance.after.isSettled && !scene.progress.isSettled))
                #expect(advance.last != nil)
            } else {
                #expect(advance.after == scene.progress && advance.last == nil)
            }
            #expect(OrderAdvance(advance.after, sequence).change == nil, "\(sequence) once more")
        }
    }

    @Test func `the trigger that changes something last carries what follows`() {
        let progress = OrderProgress(
            state: .processing, hasCoupon: false, cancelCause: nil, marks: [], isSettled: false)
        let all = OrderAdvance(progress, [.marked(.itemDeducted), .paymentProcessed] + Self.confirmations)
        // paymentConfirmed and inventoryConfirmed are new, itemDeducted has come before.
        #expect(all.last == 3)
        #expect(all.completes && all.settles)
        #expect(all.change?.name == "PROCESSING COMPLETED paymentConfirmed inventoryConfirmed itemDeducted settled")
        let nothing = OrderAdvance(all.after, Self.confirmations)
        #expect(nothing.last == nil && nothing.change == nil)
        #expect(!nothing.completes && !nothing.settles)
    }
}
