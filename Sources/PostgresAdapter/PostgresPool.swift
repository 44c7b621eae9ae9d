import Dispatch
import SQLCore
import Synchronization

/// A bounded number of connections, each on a thread of its own, handed to whoever waits longest.
///
/// A transaction runs whole in one hop: the waiting job is given to a connection's queue and blocks there, never on a thread of
/// Swift's pool. A connection that ends a job takes the next one at once.
final class PostgresPool: Sendable {
    /// What is run on a connection, or told that there is none.
    typealias Job = @Sendable (Result<PostgresConnection, any Error>) -> Void

    private struct Waiter {
        let id: Int
        let since: ContinuousClock.Instant
        let job: Job
    }

    private struct State {
        var idle: [Lane] = []
        var lanes: [Lane] = []
        var waiting: [Waiter] = []
        var next = 0
        var isClosed = false
        var refusals = 0
        var waited = Duration.zero
    }

    private let endpoint: PostgresEndpoint
    private let settings: PostgresSettings
    private let state = Mutex(State())
    private let timers = DispatchQueue(label: "purchase.postgres.timers")

    init(_ endpoint: PostgresEndpoint, _ settings: PostgresSettings) {
        self.endpoint = endpoint
        self.settings = settings
    }

    /// See ``PostgresPoolUse``.
    var use: PostgresPoolUse {
        state.withLock { state in
            PostgresPoolUse(
                busy: state.lanes.count - state.idle.count, waiting: state.waiting.count, limit: settings.poolSize,
                waits: state.next, refusals: state.refusals, waited: state.waited)
        }
    }

    /// Runs `body` on a connection.
    ///
    /// - Throws: what `body` throws; ``SQLError`` `.unavailable` if no connection can be had.
    func run<Value: Sendable>(_ body: @escaping @Sendable (PostgresConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit { connection in continuation.resume(with: Result { try body(connection.get()) }) }
        }
    }

    /// Calls `job` once: with a connection, or with the reason why there is none.
    func submit(_ job: @escaping Job) {
        enum Next {
            case run(Lane)
            case wait(Int)
            case refuse
        }
        let next = state.withLock { state -> Next in
            guard !state.isClosed else { return .refuse }
            if let lane = state.idle.popLast() { return .run(lane) }
            if state.lanes.count < settings.poolSize {
                let lane = Lane(endpoint, settings, number: state.lanes.count + 1)
                state.lanes.append(lane)
                return .run(lane)
            }
            state.next += 1
            state.waiting.append(Waiter(id: state.next, since: .now, job: job))
            return .wait(state.next)
        }
        switch next {
        case .run(let lane): lane.queue.async { self.work(lane, job) }
        case .wait(let id): expire(id)
        case .refuse: job(.failure(SQLError(.unavailable, "the database \(endpoint) is closed")))
        }
    }

    private func work(_ lane: Lane, _ first: Job) {
        var job = first
        while true {
            lane.run(job)
            let next = state.withLock { state -> Job? in
                guard !state.waiting.isEmpty else {
                    state.idle.append(lane)
                    return nil
                }
                let waiter = state.waiting.removeFirst()
                state.waited += ContinuousClock.now - waiter.since
                return waiter.job
            }
            guard let next else { return }
            job = next
        }
    }

    private func expire(_ id: Int) {
        timers.asyncAfter(deadline: .now() + .milliseconds(Int(settings.acquireTimeout.wholeMilliseconds))) {
            let late = self.state.withLock { state -> Waiter? in
                guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
                let waiter = state.waiting.remove(at: index)
                state.refusals += 1
                state.waited += ContinuousClock.now - waiter.since
                return waiter
            }
            late?.job(
                .failure(
                    SQLError(
                        .unavailable,
                        "none of \(self.settings.poolSize) connections to \(self.endpoint) became free within "
                            + "\(self.settings.acquireTimeout); DATABASE_POOL_SIZE says how many there are")))
        }
    }

    /// Ends every connection after what it runs; jobs that wait are refused.
    func close() {
        let (lanes, waiting) = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return (state.lanes, state.waiting)
        }
        for waiter in waiting { waiter.job(.failure(SQLError(.unavailable, "the database \(endpoint) is closed"))) }
        for lane in lanes { lane.queue.sync { lane.end() } }
    }
}

/// A place for one connection, with the thread that it is used on.
///
/// `@unchecked Sendable`: `connection` is touched on `queue` only.
final class Lane: @unchecked Sendable {
    let queue: DispatchQueue
    private let endpoint: PostgresEndpoint
    private let settings: PostgresSettings
    private var connection: PostgresConnection?

    init(_ endpoint: PostgresEndpoint, _ settings: PostgresSettings, number: Int) {
        self.endpoint = endpoint
        self.settings = settings
        queue = DispatchQueue(label: "purchase.postgres.\(number)")
    }

    func run(_ job: PostgresPool.Job) {
        let result = Result { try connection ?? PostgresConnection(endpoint, settings) }
        if case .success(let opened) = result { connection = opened }
        job(result)
        if connection?.isUsable == false { connection = nil }
    }

    func end() { connection = nil }
}
