import SQLCore
import SagaTesting
import Synchronization

/// Many runs, on several threads.
public final class Campaign: Sendable {
    /// What came of it so far.
    public struct Tally: Sendable {
        /// Runs that ended.
        public var runs = 0
        /// Orders placed in them.
        public var orders = 0
        /// Faults that were drawn.
        public var faults = 0
        /// Transactions that committed.
        public var commits = 0
        /// What they reached.
        public var goals = Goals()
        /// What each run did, by its seed.
        public var fingerprints: [UInt64: TraceHash] = [:]
        /// Runs that found something.
        public var failures: [ShopRun.Result] = []
    }

    private let planted: Planted
    private let plan: @Sendable (UInt64) -> RunPlan
    private let stopsAt: Int
    private let keepsFingerprints: Bool
    private let state: Mutex<(next: UInt64, tally: Tally)>

    /// - Parameters:
    ///   - first: the first seed; the others follow it.
    ///   - stopsAt: so many failures are enough.
    ///   - keepsFingerprints: whether to keep one for each run.
    ///   - plan: the plan of a seed.
    public init(
        from first: UInt64, stopsAt: Int = 1, planted: Planted = Planted(), keepsFingerprints: Bool = false,
        plan: @escaping @Sendable (UInt64) -> RunPlan
    ) {
        self.planted = planted
        self.plan = plan
        self.stopsAt = stopsAt
        self.keepsFingerprints = keepsFingerprints
        state = Mutex((first, Tally()))
    }

    /// What came of it so far.
    public var tally: Tally { state.withLock { $0.tally } }

    /// Runs seeds one after the other on each of `jobs` threads, until `goesOn` says no or enough failed.
    ///
    /// - Parameter goesOn: told how many runs were begun.
    /// - Throws: ``SQLError`` if a database cannot be made.
    public func run(jobs: Int, while goesOn: @escaping @Sendable (Int) -> Bool) async throws -> Tally {
        let begun = Mutex(0)
        let counter = Counter(begun: begun)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<max(1, jobs) {
                group.addTask {
                    try await SimulationThread.run { try self.work { goesOn(counter.next()) } }
                }
            }
            try await group.waitForAll()
        }
        return tally
    }

    private final class Counter: Sendable {
        private let begun: Mutex<Int>
        init(begun: consuming Mutex<Int>) { self.begun = begun }
        func next() -> Int {
            begun.withLock { count in
                defer { count += 1 }
                return count
            }
        }
    }

    private func work(while goesOn: () -> Bool) throws {
        let database = try ShopRun.makeDatabase()
        while goesOn() {
            let seed = state.withLock { state -> UInt64? in
                guard state.tally.failures.count < stopsAt else { return nil }
                defer { state.next += 1 }
                return state.next
            }
            guard let seed else { return }
            let result = try ShopRun(plan(seed), planted: planted).run(on: database)
            state.withLock { state in
                state.tally.runs += 1
                state.tally.orders += result.orders
                state.tally.faults += result.faults
                state.tally.commits += result.commits
                state.tally.goals.add(result.goals)
                if keepsFingerprints { state.tally.fingerprints[seed] = result.hash }
                if result.failure != nil { state.tally.failures.append(result) }
            }
        }
    }
}
