import SQLCore
import SagaChoreography
import Synchronization

/// Where a process's opening of payments and its workers meet.
///
/// While workers wait, the transaction that opens a payment commits to its first call as well, and hands the call over here once it is
/// durable: the worker needs no look and no transaction of its own to find it. Whatever gets lost in between is due again when its
/// lease is over, as after a crash behind any other claim. The desk also remembers when something is due next, so that a worker that
/// is woken for nothing does not ask the database.
public final class GatewayDesk: Sendable {
    /// Calls that a transaction committed to.
    struct Claimed: Sendable {
        let calls: [ClaimedPayment]
        let leaseEnd: Timestamp
    }

    /// A transaction made something due.
    struct Due: Sendable {
        let at: Timestamp
    }

    private struct State {
        /// How many calls each waiting worker would make at once.
        var waiting: [String: Int] = [:]
        var calls: [(call: ClaimedPayment, leaseEnd: Timestamp)] = []
        /// `nil`: it is not known when something is due.
        var look: Look?
        /// Calls were handed out although the look is old: not a second time.
        var isLookPutOff = false
        /// The first that became due since the look that is under way began.
        var heard: Timestamp?

        mutating func becomeDue(at time: Timestamp) {
            heard = heard.map { min($0, time) } ?? time
            guard let known = look else { return }
            look = Look(nextDueAt: known.nextDueAt.map { min($0, time) } ?? time, at: known.at)
        }
    }

    private struct Look {
        let nextDueAt: Timestamp?
        let at: Timestamp
    }

    /// What other processes made due is found after so long at the latest, while this one is busy.
    private static let memory = Duration.seconds(1)
    /// So long a call may lie here: its lease leaves no more room beside the longest call.
    private static let freshness = Duration.seconds(2)

    let gateway: any PaymentGateway
    let lease: Duration
    private let clock: any SagaClock
    private let state = Mutex(State())

    /// - Parameter lease: how long another process leaves a claimed row alone; longer than the gateway's own time-out.
    public init(_ gateway: any PaymentGateway, clock: any SagaClock, lease: Duration = .seconds(10)) {
        self.gateway = gateway
        self.clock = clock
        self.lease = lease
    }

    // MARK: The opening's side

    /// How many calls may be committed to now: as many as waiting workers make at once. None while something else is due, which comes
    /// first, or while the gateway is not to be asked.
    var room: Int {
        guard gateway.readiness == .ready else { return 0 }
        let now = clock.now()
        return state.withLock { state in
            guard let look = state.look, look.nextDueAt.map({ $0 > now }) ?? true else { return 0 }
            return max(0, state.waiting.values.reduce(0, +) - state.calls.count)
        }
    }

    /// What is committed to by whoever takes a place in that room.
    func claim(at now: Timestamp) -> PaymentStore.Claim { .init(leaseEnd: now + lease, book: gateway.book) }

    /// Takes what a database's transactions announce.
    func hear(_ news: CommitNews) {
        guard case .committed(let announcements) = news else { return }
        for announcement in announcements {
            switch announcement {
            case let claimed as Claimed:
                state.withLock { state in
                    state.calls += claimed.calls.map { ($0, claimed.leaseEnd) }
                    state.becomeDue(at: claimed.leaseEnd)
                }
            case let due as Due: state.withLock { $0.becomeDue(at: due.at) }
            default: break
            }
        }
    }

    // MARK: The workers' side

    /// These workers wait no more.
    func arrive(_ workers: some Sequence<String>) {
        state.withLock { state in
            for worker in workers { state.waiting[worker] = nil }
        }
    }

    /// This worker waits for up to `limit` calls.
    ///
    /// - Returns: when it must ask again at the latest; `nil`: when it is woken.
    func wait(_ worker: String, for limit: Int, looked: Bool) -> Timestamp? {
        state.withLock { state in
            state.waiting[worker] = limit
            guard let look = state.look else { return clock.now() }
            guard !looked else { return look.nextDueAt }
            let latest = look.at + Self.memory
            return look.nextDueAt.map { min($0, latest) } ?? latest
        }
    }

    /// How many calls wait for a worker.
    var count: Int { state.withLock { $0.calls.count } }

    /// Hands out the oldest.
    ///
    /// - Parameter keepsRest: whether what is beyond `limit` stays for the next ones.
    /// - Returns: the calls, and those that must be given up: their leases may end during the call, or nobody comes for them soon.
    func take(_ limit: Int, keepsRest: Bool) -> (calls: [ClaimedPayment], givenUp: [ClaimedPayment]) {
        let now = clock.now()
        return state.withLock { state in
            let fresh = state.calls.filter { $0.leaseEnd - now >= lease - Self.freshness }
            let old = state.calls.filter { $0.leaseEnd - now < lease - Self.freshness }
            state.calls = keepsRest ? Array(fresh.dropFirst(limit)) : []
            let rest = keepsRest ? [] : fresh.dropFirst(limit).map(\.call)
            return (fresh.prefix(limit).map(\.call), old.map(\.call) + rest)
        }
    }

    /// No worker comes any more.
    ///
    /// - Returns: what was committed to and nobody took.
    func close() -> [ClaimedPayment] {
        state.withLock { state in
            defer { state = State() }
            return state.calls.map(\.call)
        }
    }

    /// Whether the database must be asked what is due, before anything is handed out.
    func mustLook(at now: Timestamp) -> Bool {
        state.withLock { state in
            guard let look = state.look, look.nextDueAt.map({ $0 > now }) ?? true else { return true }
            guard now >= look.at + Self.memory || now < look.at else { return false }
            // What lies here goes first; whoever gets nothing looks thereafter.
            defer { state.isLookPutOff = true }
            return state.calls.isEmpty || state.isLookPutOff
        }
    }

    /// The database is about to be asked; one at a time.
    func beginLook() { state.withLock { $0.heard = nil } }

    /// The database said when something is due next.
    func looked(at now: Timestamp, nextDueAt: Timestamp?) {
        state.withLock { state in
            state.look = Look(nextDueAt: nextDueAt, at: now)
            state.isLookPutOff = false
            if let heard = state.heard { state.becomeDue(at: heard) }
        }
    }

    /// Of what was due some was claimed: what is due next is not known.
    func forgetLook() { state.withLock { $0.look = nil } }
}
