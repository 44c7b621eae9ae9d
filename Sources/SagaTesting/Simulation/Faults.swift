import SagaChoreography
import Synchronization

/// Draws the faults of one run. Each kind has chance of its own, so that leaving one out does not move the others.
public final class Faults: Sendable {
    /// What may go wrong.
    public let plan: FaultPlan

    private struct State {
        var injected = 0
        var counts = [Int](repeating: 0, count: FaultKind.allCases.count)
        var isOver = false
    }

    /// So many in a run at most: a message that faults more often than it is retried is parked, and waits for a person.
    static let mostStepFaults = RetryPolicy().retries

    private let rates: [UInt64]
    private let random: [SeededRandom]
    private let state = Mutex(State())

    init(_ plan: FaultPlan, seed: UInt64) {
        self.plan = plan
        rates = FaultKind.allCases.map { UInt64(plan.rates[$0] ?? 0) }
        random = FaultKind.allCases.map { SeededRandom(seed: Simulation.mix(seed, $0.rawValue)) }
    }

    /// Whether a fault happens at this opportunity.
    public func strikes(_ kind: FaultKind) -> Bool {
        let index = kind.index
        let rate = rates[index]
        guard rate > 0, random[index].next() % 1_000_000 < rate else { return false }
        return state.withLock { state in
            guard !state.isOver else { return false }
            // Who goes first is no fault: it is neither counted nor limited.
            guard kind != .interleave else { return true }
            let number = state.injected
            state.injected += 1
            guard number < plan.limit, !plan.skipped.contains(number) else { return false }
            guard kind != .step || state.counts[index] < Self.mostStepFaults else { return false }
            state.counts[index] += 1
            return true
        }
    }

    /// A number below `bound` that belongs to a fault of this kind.
    public func below(_ bound: Int, for kind: FaultKind) -> Int { random[kind.index].below(bound) }

    /// A duration of at least 1 ms up to `longest` that belongs to a fault of this kind, short ones more often.
    public func duration(upTo longest: Duration, for kind: FaultKind) -> Duration {
        let most = Int(max(1, longest.wholeMilliseconds))
        return .milliseconds(1 + random[kind.index].below(1 + random[kind.index].below(most)))
    }

    /// From now on nothing goes wrong any more.
    public func end() { state.withLock { $0.isOver = true } }

    /// Whether ``end()`` was called.
    public var isOver: Bool { state.withLock { $0.isOver } }

    /// How many faults were drawn, those left out included.
    public var drawn: Int { state.withLock { $0.injected } }

    /// How many faults of each kind happened.
    public var counts: [FaultKind: Int] {
        let counts = state.withLock { $0.counts }
        return Dictionary(uniqueKeysWithValues: FaultKind.allCases.map { ($0, counts[$0.index]) }).filter { $1 > 0 }
    }
}

extension FaultKind {
    fileprivate var index: Int {
        switch self {
        case .delay: 0
        case .duplicate: 1
        case .loss: 2
        case .flush: 3
        case .outage: 4
        case .silence: 5
        case .statement: 6
        case .step: 7
        case .storeAway: 8
        case .commitUnknown: 9
        case .commitLost: 10
        case .crash: 11
        case .clockJump: 12
        case .poison: 13
        case .outside: 14
        case .interleave: 15
        }
    }
}
