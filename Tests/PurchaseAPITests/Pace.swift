import Synchronization

/// What happens while a request waits.
final class Pace: Sendable {
    /// No request waits longer: what would go on and on ends as if the process ended.
    static let patience = Duration.seconds(40)

    private struct State {
        var standsStill = false
        var waited = Duration.zero
        var acts: [(time: Duration, act: @Sendable () async throws -> Void)] = []
    }

    private let state = Mutex(State())

    /// Whether the system does nothing meanwhile.
    var standsStill: Bool { state.withLock { $0.standsStill } }

    func stop() { state.withLock { $0.standsStill = true } }
    func go() { state.withLock { $0.standsStill = false } }

    /// A request begins.
    func begin() { state.withLock { $0.waited = .zero } }

    /// Does something once a request has waited so long.
    func after(_ time: Duration, _ act: @escaping @Sendable () async throws -> Void) {
        state.withLock { $0.acts.append((time, act)) }
    }

    /// - Throws: `CancellationError` if patience is at its end; what is done meanwhile.
    func wait(_ duration: Duration) async throws {
        let due = try state.withLock { state in
            guard state.waited < Self.patience else { throw CancellationError() }
            state.waited += duration
            let waited = state.waited
            defer { state.acts.removeAll { $0.time <= waited } }
            return state.acts.filter { $0.time <= waited }
        }
        for (_, act) in due { try await act() }
    }
}
