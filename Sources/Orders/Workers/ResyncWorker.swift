import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

/// Gets orders going again that do not settle: see ``ResyncOrders``.
public final class ResyncWorker: Activity {
    public let name = "orders.resync-worker"
    public var wakesOn: Set<EventType> {
        [CouponValidationRequested.type, OrderCreated.type, OrderRefundRequested.type]
    }

    /// After a full round: so a large backlog is sent again bit by bit.
    static let pauseAfterFullRound: Duration = .seconds(1)
    /// So many times as long as a round took it rests: each looks through the whole outbox, and so does every service that it asks.
    static let restFactor = 20
    /// But never longer than this.
    static let longestRest: Duration = .seconds(15)

    /// How long nothing may have been behind before anything is sent again: what was late has its time then.
    static let calm = ResyncSchedule.first
    /// The pause between two looks while something is behind.
    static let pauseWhileBehind: Duration = .seconds(10)
    /// For how long at most nothing is sent again because something is behind: it may be one that is away for good.
    static let patience: Duration = .seconds(600)
    /// From then on so few are sent again in a round, and rounds are so far apart.
    static let (smallRound, pauseAfterSmallRound) = (100, Duration.seconds(60))

    /// How long what was seen counts: another process may have had the lease meanwhile.
    static let memory: Duration = .seconds(120)

    /// Something was behind, and it has not been calm for long enough since.
    private struct Backlog {
        let since: Timestamp
        /// From which look on nothing was.
        var calmSince: Timestamp?
        var seenAt: Timestamp
    }

    private let context: ServiceContext
    private let limit: Int
    private let hint = DueHint()
    private let isBehind: @Sendable (any SQLTransaction) throws -> Bool
    private let backlog = Mutex<Backlog?>(nil)

    /// - Parameters:
    ///   - limit: how many orders one poll examines.
    ///   - isBehind: whether events wait for long anywhere: what an order misses may be among them, and to send more would only add to it.
    public init(
        _ context: ServiceContext, limit: Int = 500,
        isBehind: @escaping @Sendable (any SQLTransaction) throws -> Bool = { _ in false }
    ) {
        self.context = context
        self.limit = limit
        self.isBehind = isBehind
    }

    public func poll() async throws -> Progress {
        let now = context.clock.now()
        if let look = hint.nextLook(at: now) { return .idle(wakeAt: look) }
        let (next, isBehind) = try await context.database.read { [isBehind] transaction in
            (try OrderStore(transaction).nextResync(), try isBehind(transaction))
        }
        hint.looked(at: now, next: next)
        let held = heldSince(isBehind, at: now)
        guard let next, next <= context.clock.now() else { return .idle(wakeAt: next) }
        let isLate = held.map { now - $0 >= Self.patience } ?? false
        if held != nil, !isLate { return rest(Self.pauseWhileBehind, from: now) }
        let round = try await context.commands.run(
            ResyncOrders(limit: limit, sending: isLate ? min(limit, Self.smallRound) : nil))
        guard round.resynced > 0 else { return .worked }
        let end = context.clock.now()
        if isLate { return rest(Self.pauseAfterSmallRound, from: end) }
        let pause = max(
            round.examined == limit ? Self.pauseAfterFullRound : .zero,
            min((end - now) * Self.restFactor, Self.longestRest))
        return pause > .zero ? rest(pause, from: end) : .worked
    }

    /// Since when something is behind, if it has not been calm since.
    private func heldSince(_ isBehind: Bool, at now: Timestamp) -> Timestamp? {
        backlog.withLock { backlog in
            // What was seen long ago, or by a clock that was set back since, says nothing.
            if let seen = backlog?.seenAt, now < seen || now > seen + Self.memory { backlog = nil }
            backlog?.seenAt = now
            if isBehind {
                backlog = Backlog(since: backlog?.since ?? now, seenAt: now)
            } else if let calm = backlog?.calmSince, now >= calm + Self.calm {
                backlog = nil
            } else if backlog != nil, backlog?.calmSince == nil {
                backlog?.calmSince = now
            }
            return backlog?.since
        }
    }

    /// Kept also when a new order wakes this worker.
    private func rest(_ pause: Duration, from now: Timestamp) -> Progress {
        hint.rest(for: pause, from: now)
        return .idle(wakeAt: now + pause)
    }
}
