import PurchaseContracts
import SagaChoreography

/// What triggers that come together make of one order: one change of its row, however many they are.
///
/// For triggers that move an order on: payment.processed and marks. What ends it, or asks to, has more to write than this.
struct OrderAdvance: Sendable {
    let before: OrderProgress
    private(set) var after: OrderProgress
    /// What each trigger meant when it came, in order.
    private(set) var verdicts: [OrderVerdict] = []

    /// - Parameter triggers: in the order in which they came.
    init(_ progress: OrderProgress, _ triggers: [OrderTrigger]) {
        before = progress
        after = progress
        for trigger in triggers { take(trigger) }
        guard after != before else { return }
        switch after.conclusion {
        case .none: break
        case .complete(let settles):
            after.state = .completed
            after.isSettled = settles
        case .settle: after.isSettled = true
        }
    }

    private mutating func take(_ trigger: OrderTrigger) {
        let verdict = after.verdict(on: trigger)
        switch verdict {
        case .confirm: after.state = .confirmed
        case .note(let mark): after.marks.insert(mark)
        case .begin, .end, .flagCancel, .ignore, .alarm: break
        }
        verdicts.append(verdict)
    }

    /// The place of the last trigger that changed something: what follows from all of them is said in answer to it.
    var last: Int? {
        verdicts.lastIndex { verdict in
            switch verdict {
            case .confirm, .note: true
            case .begin, .end, .flagCancel, .ignore, .alarm: false
            }
        }
    }

    /// What becomes of the row; `nil`: nothing.
    var change: OrderChange? {
        guard after != before else { return nil }
        return OrderChange(
            from: before.state, to: after.state,
            marks: OrderMark.allCases.filter(after.marks.subtracting(before.marks).contains),
            settles: settles)
    }

    var completes: Bool { before.state != .completed && after.state == .completed }
    var settles: Bool { !before.isSettled && after.isSettled }
}

/// A change that many orders have in common.
struct OrderChange: Sendable, Hashable {
    let from: OrderState
    let to: OrderState
    /// Those that are new.
    let marks: [OrderMark]
    let settles: Bool

    /// Tells it from others, and puts them in a fixed order.
    var name: String {
        ([from.rawValue, to.rawValue] + marks.map(\.rawValue) + (settles ? ["settled"] : [])).joined(separator: " ")
    }
}
