import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

/// One life of a process, from its start to its crash: everything that the process keeps in memory belongs to it, and once it
/// has ended, nothing of it can reach the world any more.
public final class ProcessLife: Sendable {
    /// The process it is a life of.
    public let process: SimulatedProcess
    /// Which of its lives, from 1.
    public let number: Int
    /// Chance of this life: jitter, the random part of ids.
    public let random: SeededRandom
    /// Tells this life's transactions from all others.
    public let origin: Int64
    /// Ids that follow the process's clock.
    public let ids: any IDGenerator
    /// The process's clock, which may be wrong.
    public let clock: any SagaClock

    private struct State {
        var hasEnded = false
        var gates: [String: Gate] = [:]
        var waking: [EventType: [Gate]] = [:]
        var listeners: [@Sendable (CommitNews) -> Void] = []
        var following: [ServiceID: [EventType: [Gate]]] = [:]
    }

    private let observer: any SagaObserver
    private let state = Mutex(State())
    private var simulation: Simulation { process.simulation }

    init(of process: SimulatedProcess, number: Int, observer: any SagaObserver) {
        self.process = process
        self.number = number
        self.observer = observer
        random = process.simulation.random(for: "\(process.name)/\(number)")
        origin = Int64(process.simulation.random(for: "origin of \(process.name)/\(number)").next() >> 2) + 1
        clock = ProcessClock(process: process)
        ids = UUIDv7Generator(clock: clock, random: random)
    }

    private struct ProcessClock: SagaClock {
        let process: SimulatedProcess
        func now() -> Timestamp { process.now }
    }

    /// What a port throws in a life that has ended.
    public static let gone = SagaFault.unavailable("the process has ended")

    /// Whether the process still lives this life.
    public var isPresent: Bool { state.withLock { !$0.hasEnded } }

    // MARK: Beginning and ending

    func begin(_ activities: [any Activity]) {
        state.withLock { state in
            for activity in activities {
                let gate = Gate()
                state.gates[activity.name] = gate
                for type in activity.wakesOn {
                    if let service = activity.follows {
                        state.following[service, default: [:]][type, default: []].append(gate)
                    } else {
                        state.waking[type, default: []].append(gate)
                    }
                }
            }
        }
        for activity in activities {
            guard let gate = gate(of: activity.name) else { continue }
            simulation.start { [self] in await drive(activity, gate) }
        }
    }

    func end() {
        let gates = state.withLock { state in
            state.hasEnded = true
            return state.gates.sorted { $0.key < $1.key }.map(\.value)
        }
        for gate in gates { gate.raise() }
    }

    func gate(of activity: String) -> Gate? { state.withLock { $0.gates[activity] } }

    /// An activity is polled again and again and never comes to rest, while no time passes.
    struct Restless: Error, CustomStringConvertible {
        private static let most = 5000

        let activity: String
        let process: String
        private var since: Timestamp?
        private var polls = 0

        init(activity: String, process: String) {
            self.activity = activity
            self.process = process
        }

        var description: String { "\(process): \(activity) was polled \(polls) times while no time passed" }

        mutating func isSpinning(at now: Timestamp) -> Bool {
            polls = since == now ? polls + 1 : 0
            since = now
            return polls > Self.most
        }
    }

    /// As the runner of production does it: polls while there is work, waits otherwise, pauses after a failure.
    private func drive(_ activity: any Activity, _ gate: Gate) async {
        let policy = RetryPolicy(first: .milliseconds(50), longest: .seconds(5))
        var failures = 0
        var restless = Restless(activity: activity.name, process: process.name)
        while isPresent {
            if restless.isSpinning(at: simulation.clock.now()) { return simulation.fail(restless) }
            do {
                let progress = try await activity.poll()
                failures = 0
                switch progress {
                case .worked: await simulation.yield()
                case .idle(let wakeAt):
                    let delay = wakeAt.map { min($0 - clock.now(), Progress.longestRest) } ?? Progress.longestRest
                    if delay > .zero {
                        await simulation.wait(at: gate, until: simulation.clock.now() + delay)
                    } else {
                        await simulation.yield()
                    }
                }
            } catch {
                guard isPresent else { return }
                failures += 1
                let delay = policy.delay(afterAttempt: failures, random: random)
                simulation.story.tell(
                    simulation.clock.now(), "\(process.name): \(activity.name) pauses: \(SagaFault(error).summary)")
                await simulation.sleep(for: delay)
            }
        }
    }

    /// Wakes the activities that wait for events of these types.
    public func wake(for types: Set<EventType>) {
        let gates = state.withLock { state in
            types.count == 1
                ? types.first.flatMap { state.waking[$0] } ?? []
                : types.sorted { $0.name < $1.name }.flatMap { state.waking[$0] ?? [] }
        }
        for gate in gates { gate.raise() }
    }

    func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) {
        state.withLock { $0.listeners.append(listener) }
    }

    /// Passes on what the database says of a commit, and wakes who waits for what was sent again.
    func hear(_ news: CommitNews) {
        if case .committed(let announcements) = news {
            guard !announcements.isEmpty else { return }
            for case let requeued as Outbox.Requeued in announcements { wake(for: requeued.types) }
        }
        for listener in state.withLock({ $0.listeners }) { listener(news) }
    }

    /// Wakes one activity.
    public func wake(_ activity: String) { gate(of: activity)?.raise() }

    // MARK: Suspending

    /// A place at which others may go first, and at which the process may crash.
    ///
    /// - Throws: ``gone`` if this life has ended.
    public func pause(_ point: StaticString) async throws {
        guard isPresent else { throw Self.gone }
        let faults = simulation.faults
        if faults.strikes(.crash) {
            process.crash(self, at: point)
            throw Self.gone
        }
        if faults.strikes(.clockJump) { process.jump() }
        guard faults.strikes(.interleave) else { return }
        if faults.below(8, for: .interleave) == 0 {
            await simulation.sleep(for: faults.duration(upTo: .milliseconds(60), for: .interleave))
        } else {
            await simulation.yield()
        }
        guard isPresent else { throw Self.gone }
    }
}

extension ProcessLife: SagaObserver {
    /// Wakes whoever waits for these events in this process.
    public func committed(_ envelopes: [Envelope]) {
        guard isPresent else { return }
        wake(for: Set(envelopes.map(\.type)))
        observer.committed(envelopes)
    }

    /// Wakes whoever follows the service that handled it.
    public func delivered(_ report: DeliveryReport) {
        guard isPresent else { return }
        let gates = state.withLock { $0.following[report.group]?[report.envelope.type] ?? [] }
        for gate in gates { gate.raise() }
        observer.delivered(report)
    }

    /// Passed on.
    public func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp) {
        observer.paused(name, because: fault, until: resumeAt)
    }
}
