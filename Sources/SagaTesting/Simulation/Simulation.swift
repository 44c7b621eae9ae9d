import SagaChoreography
import Synchronization

/// One run of a system under virtual time: a seed decides what happens next, so the same seed is the same run, everywhere.
///
/// Tasks run on the thread that calls ``run(_:)``; whoever would wait for a disk, a network or a clock waits here instead. Time
/// moves only when nothing else can.
public final class Simulation: Sendable {
    /// The true time. Processes read clocks of their own, see ``SimulatedProcess``.
    public let clock = ManualClock()
    /// What the run was begun with.
    public let seed: UInt64
    /// What goes wrong, and when.
    public let faults: Faults
    /// What happened, for people; empty unless it was asked for.
    public let story: Story

    private struct State {
        var timers = TimerQueue()
        var trace = TraceHash()
        var steps = 0
        var failure: (any Error)?
    }

    private let executor: SeededExecutor
    private let state = Mutex(State())
    /// A run that takes more steps than this loops.
    static let mostSteps = 1_000_000

    /// A run that has not begun.
    ///
    /// - Parameters:
    ///   - faults: what may go wrong.
    ///   - isTold: whether to keep a ``story``; it costs time and memory.
    public init(seed: UInt64, faults: FaultPlan, isTold: Bool = false) {
        self.seed = seed
        self.faults = Faults(faults, seed: seed)
        story = Story(isKept: isTold, start: clock.now())
        executor = SeededExecutor(random: SeededRandom(seed: Self.mix(seed, "schedule")))
    }

    /// Chance for one purpose, apart from all others: what one draws does not change what another one gets.
    public func random(for purpose: String) -> SeededRandom { SeededRandom(seed: Self.mix(seed, purpose)) }

    static func mix(_ seed: UInt64, _ purpose: String) -> UInt64 {
        var hash = TraceHash()
        hash.mix(seed)
        hash.mix(purpose)
        return hash.value
    }

    // MARK: Running

    /// Nothing can happen any more, and the run has not ended: somebody waits for what nobody will do.
    public struct Stuck: Error, CustomStringConvertible {
        public var description: String { "nothing is ready, no timer is set, and the run has not ended" }
    }

    /// The run does not end.
    public struct Endless: Error, CustomStringConvertible {
        public var description: String { "more than \(Simulation.mostSteps) steps" }
    }

    /// Runs `body`, and whatever it starts, until it returns.
    ///
    /// - Throws: what `body` throws or was given to ``fail(_:)``; ``Stuck``; ``Endless``.
    public func run<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) throws -> Result {
        let result = Mutex<Swift.Result<Result, any Error>?>(nil)
        let box = Outcome(result: result)
        Task(executorPreference: executor) {
            do {
                let value = try await body()
                box.result.withLock { $0 = .success(value) }
            } catch { box.result.withLock { $0 = .failure(error) } }
        }
        while true {
            if let failure = state.withLock({ $0.failure }) { throw failure }
            if let result = box.result.withLock({ $0 }) { return try result.get() }
            try step()
        }
    }

    private final class Outcome<Value: Sendable>: Sendable {
        let result: Mutex<Swift.Result<Value, any Error>?>
        init(result: consuming Mutex<Swift.Result<Value, any Error>?>) { self.result = result }
    }

    private func step() throws {
        if let choice = executor.runNext() {
            let steps = state.withLock { state in
                state.trace.mix(choice)
                state.steps += 1
                return state.steps
            }
            if steps > Self.mostSteps { throw Endless() }
            return
        }
        guard let due = state.withLock({ $0.timers.takeNext() }) else { throw Stuck() }
        clock.advance(to: due.time)
        state.withLock { $0.trace.mix(UInt64(bitPattern: due.time.milliseconds)) }
        due.action.run()
    }

    /// Starts a task that runs beside the others.
    public func start(_ body: @escaping @Sendable () async -> Void) {
        Task(executorPreference: executor) { await body() }
    }

    /// Ends the run as failed, at the next step.
    public func fail(_ error: any Error) { state.withLock { if $0.failure == nil { $0.failure = error } } }

    /// Lets every task that still waits go on at once, until none is left: call it when all processes were stopped.
    public func windDown() {
        faults.end()
        for _ in 0..<Self.mostSteps {
            if executor.runNext() != nil { continue }
            guard let due = state.withLock({ $0.timers.takeNext() }) else { return }
            clock.advance(to: due.time)
            due.action.run()
        }
    }

    // MARK: Waiting

    /// Lets others go first, if the seed says so.
    public func yield() async { await executor.yield() }

    /// Waits until a time.
    public func sleep(until time: Timestamp) async { await wait(at: Gate(), until: time) }

    /// Waits so long.
    public func sleep(for duration: Duration) async { await sleep(until: clock.now() + duration) }

    func wait(at gate: Gate, until time: Timestamp?) async {
        await gate.wait { turn in
            guard let time else { return }
            state.withLock { $0.timers.add(time, .elapse(gate, turn: turn)) }
        }
    }

    /// Calls `body` at a time; it must not wait.
    func call(at time: Timestamp, _ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.timers.add(time, .call(body)) }
    }

    // MARK: Looking

    /// Adds to the trace.
    public func trace(_ mix: (inout TraceHash) -> Void) { state.withLock { mix(&$0.trace) } }

    /// The fingerprint of the run so far.
    public var hash: TraceHash { state.withLock { $0.trace } }

    /// Jobs run so far.
    public var steps: Int { state.withLock { $0.steps } }
}
