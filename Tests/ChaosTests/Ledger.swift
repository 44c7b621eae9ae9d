import Synchronization

/// What the clients know: which key got which order, and what they must not have seen.
final class Ledger: Sendable {
    struct Accepted: Sendable {
        let id: String
        let body: String
    }

    private struct State {
        var accepted: [String: Accepted] = [:]
        var asked: Set<String> = []
        var complaints: [String] = []
        var cancels = 0
        var interventions: [String: Int] = [:]
        var unanswered = 0
        var refusals = 0
        var turnedAway = 0
    }

    private let state = Mutex(State())
    private let stop = Atomic(false)
    private let rest = Atomic(false)

    var accepted: [String: Accepted] { state.withLock { $0.accepted } }
    var count: Int { state.withLock { $0.accepted.count } }
    var complaints: [String] { state.withLock { $0.complaints } }
    /// Keys that were sent, answered or not.
    var asked: Set<String> { state.withLock { $0.asked } }

    /// Once true, clients begin no new order; what they began they see through.
    var isOver: Bool { stop.load(ordering: .acquiring) }
    func callItADay() { stop.store(true, ordering: .releasing) }

    /// Once true, nothing goes on any more, and the operator ends when nothing is parked.
    var isAtRest: Bool { rest.load(ordering: .acquiring) }
    func comesToRest() { rest.store(true, ordering: .releasing) }

    func asks(_ key: String) { state.withLock { _ = $0.asked.insert(key) } }
    func unanswered() { state.withLock { $0.unanswered += 1 } }
    /// Answers of 503 so far.
    var refusals: Int { state.withLock { $0.refusals } }
    func refused() { state.withLock { $0.refusals += 1 } }
    /// The shop had as many orders as it takes.
    func turnedAway() { state.withLock { $0.turnedAway += 1 } }
    func cancelled() { state.withLock { $0.cancels += 1 } }
    func intervened(_ what: String) { state.withLock { $0.interventions[what, default: 0] += 1 } }
    func complain(_ what: String) { state.withLock { $0.complaints.append(what) } }

    /// Notes the answer to a key; a second answer must name the same order.
    func accepted(_ key: String, _ id: String, body: String) {
        state.withLock { state in
            if let known = state.accepted[key], known.id != id {
                state.complaints.append("key \(key) was answered order \(known.id), then \(id)")
            }
            state.accepted[key] = Accepted(id: id, body: body)
        }
    }

    /// One line for the report.
    var summary: String {
        state.withLock { state in
            let interventions = state.interventions.sorted { $0.key < $1.key }.map { "\($1) \($0), " }.joined()
            return "\(state.accepted.count) orders, \(state.cancels) cancels, \(interventions)"
                + "\(state.turnedAway) times turned away, \(state.unanswered) requests without an answer"
        }
    }
}
