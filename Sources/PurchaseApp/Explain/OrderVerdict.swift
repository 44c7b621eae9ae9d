import Orders
import Payments
import SagaChoreography

/// What was read of an order, and the one sentence that follows from it.
struct OrderVerdict {
    let order: OrderView
    let waiting: OrderWaiting?
    let happenings: [OrderExplanation.Happening]
    let troubles: [OrderExplanation.Trouble]
    let payment: PaymentView?
    let now: Timestamp
    let graph: ChoreographyGraph

    var explanation: OrderExplanation {
        let (verdict, advice) = sentence
        return OrderExplanation(
            order: order.id.description, status: order.shown.rawValue, cause: order.cause?.rawValue,
            orderedAt: order.orderedAt.description, deadline: order.deadline.description,
            endedAt: order.endedAt?.description, isSettled: order.settledAt != nil, happenings: happenings,
            troubles: troubles, waitsFor: waiting?.events.map(\.name) ?? [], waitsSince: waiting?.since.description,
            verdict: verdict, advice: advice)
    }

    private var sentence: (verdict: String, advice: String?) {
        guard let waiting else {
            return ("It is over (\(order.shown.rawValue)), every service has settled it: it waits for nothing.", nil)
        }
        let since = Self.ago(now - waiting.since)
        if let parked = troubles.first(where: { $0.retryAt == nil }) {
            return (
                "\(parked.service) gave up on \(parked.event) after \(parked.attempts) attempts: \(parked.reason).",
                order.isFinal || order.state == .confirmed
                    ? "This is past the payment and is not undone by itself: remove the cause named above; then: "
                        + "purchase dead-letters replay --order \(order.id) --reason WHY"
                    : "Remove the cause named above. The order is undone by itself at its deadline, \(order.deadline)."
            )
        }
        if let retry = troubles.first, let at = retry.retryAt {
            return (
                "\(retry.service) failed on \(retry.event) \(retry.attempts) times (\(retry.reason)) and tries again at \(at).",
                nil
            )
        }
        if let late = happenings.first(where: { !$0.unhandledBy.isEmpty }) {
            return (
                "\(late.unhandledBy.joined(separator: " and ")) has not handled \(late.event) of \(late.service) yet, "
                    + "for \(Self.ago(now - (Timestamp(iso8601: late.at) ?? now))).",
                "If no server runs on this database, start one: purchase serve"
            )
        }
        if let payment, payment.status == .processing {
            return (
                "payments waits for the gateway's answer, for \(since).",
                "Nothing to do: the gateway is asked again until the answer is certain; an order is not failed on a guess."
            )
        }
        let events = waiting.events.map { event in
            let owners = graph.emitters(of: event).map(\.name).joined(separator: " or ")
            return owners.isEmpty ? event.name : "\(event.name) from \(owners)"
        }
        let ends = order.isFinal ? nil : "At its deadline, \(order.deadline), the order is undone by itself."
        return ("It waits for \(events.joined(separator: " and ")), for \(since).", ends)
    }

    private static func ago(_ duration: Duration) -> String {
        let seconds = max(0, duration.wholeMilliseconds) / 1000
        return seconds < 120 ? "\(seconds) s" : seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
    }
}
