import Dispatch
import SagaChoreography
import Synchronization

/// A bounded number of threads for the library's calls, which block, so that none of Swift's pool ever does; each job has a client of the
/// library's pool for itself. Whoever waits longest comes first.
final class MongoLanes: Sendable {
    private typealias Job = @Sendable (Result<MongoClients, any Error>) -> Void

    private struct Waiter {
        let id: Int
        let job: Job
    }

    private struct State {
        var idle: [DispatchQueue] = []
        var lanes: [DispatchQueue] = []
        var waiting: [Waiter] = []
        var next = 0
        var isClosed = false
    }

    private let settings: MongoSettings
    private let state = Mutex(State())
    private let clients: MongoClients
    private let timers = DispatchQueue(label: "purchase.mongo.timers")

    init(_ settings: MongoSettings) {
        self.settings = settings
        clients = MongoClients(settings)
    }

    /// Runs `body` with a client.
    ///
    /// - Throws: what `body` throws; ``SagaFault`` `.unavailable` if no client becomes free in time.
    func run<Value: Sendable>(_ body: @escaping @Sendable (MongoConnection) throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            submit { clients in
                continuation.resume(with: Result { try clients.get().withClient(body) })
            }
        }
    }

    private func submit(_ job: @escaping Job) {
        enum Next {
            case run(DispatchQueue)
            case wait(Int)
            case refuse
        }
        let next = state.withLock { state -> Next in
            guard !state.isClosed else { return .refuse }
            if let lane = state.idle.popLast() { return .run(lane) }
            if state.lanes.count < settings.poolSize {
                let lane = DispatchQueue(label: "purchase.mongo.\(state.lanes.count + 1)")
                state.lanes.append(lane)
                return .run(lane)
            }
            state.next += 1
            state.waiting.append(Waiter(id: state.next, job: job))
            return .wait(state.next)
        }
        switch next {
        case .run(let lane): lane.async { self.work(lane, job) }
        case .wait(let id): expire(id)
        case .refuse: job(.failure(closed))
        }
    }

    private func work(_ lane: DispatchQueue, _ first: Job) {
        var job = first
        while true {
            job(.success(clients))
            let next = state.withLock { state -> Job? in
                guard !state.waiting.isEmpty else {
                    state.idle.append(lane)
                    return nil
                }
                return state.waiting.removeFirst().job
            }
            guard let next else { return }
            job = next
        }
    }

    private func expire(_ id: Int) {
        let wait = Int(MongoSettings.bounded(settings.acquireTimeout))
        timers.asyncAfter(deadline: .now() + .milliseconds(wait)) {
            let late = self.state.withLock { state -> Waiter? in
                guard let index = state.waiting.firstIndex(where: { $0.id == id }) else { return nil }
                return state.waiting.remove(at: index)
            }
            late?.job(
                .failure(
                    SagaFault.unavailable(
                        "\(self.settings): none of \(self.settings.poolSize) connections became free in \(wait) ms")))
        }
    }

    private var closed: SagaFault { .unavailable("\(settings): closed") }

    /// Ends every connection after what is under way; what waits is refused.
    func close() async {
        let (lanes, waiting) = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [] }
            return (state.lanes, state.waiting)
        }
        for waiter in waiting { waiter.job(.failure(closed)) }
        for lane in lanes { await withCheckedContinuation { done in lane.async { done.resume() } } }
        await withCheckedContinuation { done in
            timers.async {
                self.clients.close()
                done.resume()
            }
        }
    }
}
