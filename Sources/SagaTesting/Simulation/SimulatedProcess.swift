import FoundationEssentials
import SagaChoreography
import Synchronization

/// A process of the simulated system: it can crash at any suspension, loses its memory then, and begins anew.
public final class SimulatedProcess: Sendable {
    /// Its name, for the story and for its share of chance.
    public let name: String
    /// The run it is part of.
    public let simulation: Simulation

    private struct State {
        var life: ProcessLife?
        var lives = 0
        var isStopped = false
        var clockOffset = Duration.zero
        var storeBackAt: Timestamp?
        var crashes = 0
    }

    private let observer: any SagaObserver
    private let build: @Sendable (ProcessLife) throws -> [any Activity]
    private let begun: @Sendable (ProcessLife) -> Void
    private let state = Mutex(State())

    /// A process that was not started.
    ///
    /// - Parameters:
    ///   - observer: told of what every life of the process did.
    ///   - build: composes the process anew, with ports of this life only; called at the start and after each crash.
    ///   - begun: called when the activities of a life can be woken.
    public init(
        _ name: String, in simulation: Simulation, observer: any SagaObserver,
        begun: @escaping @Sendable (ProcessLife) -> Void = { _ in },
        build: @escaping @Sendable (ProcessLife) throws -> [any Activity]
    ) {
        self.name = name
        self.simulation = simulation
        self.observer = observer
        self.begun = begun
        self.build = build
    }

    /// Begins a life.
    public func start() {
        let number = state.withLock { state -> Int? in
            guard !state.isStopped else { return nil }
            state.lives += 1
            return state.lives
        }
        guard let number else { return }
        let life = ProcessLife(of: self, number: number, observer: observer)
        state.withLock { $0.life = life }
        do {
            life.begin(try build(life))
            begun(life)
        } catch { simulation.fail(error) }
    }

    /// Ends it for good: the run is over.
    public func stop() {
        let life = state.withLock { state in
            state.isStopped = true
            return state.life
        }
        life?.end()
    }

    /// How often it crashed.
    public var crashes: Int { state.withLock { $0.crashes } }

    /// The present life; `nil` while the process is down.
    public var life: ProcessLife? { state.withLock { $0.life } }

    func crash(_ life: ProcessLife, at point: StaticString) {
        let isPresent = state.withLock { state in
            guard state.life === life else { return false }
            state.life = nil
            state.crashes += 1
            return true
        }
        guard isPresent else { return }
        simulation.story.tell(simulation.clock.now(), "\(name) crashes \(point)")
        life.end()
        let pause = simulation.faults.duration(upTo: .seconds(20), for: .crash)
        simulation.start { [self] in
            await simulation.sleep(for: pause)
            simulation.story.tell(simulation.clock.now(), "\(name) is back")
            start()
        }
    }

    // MARK: What surrounds it, whether it lives or not

    /// What its clock shows.
    public var now: Timestamp { simulation.clock.now() + clockOffset }

    /// How far its clock is ahead of the true time.
    public var clockOffset: Duration {
        simulation.faults.isOver ? .zero : state.withLock { $0.clockOffset }
    }

    func jump() {
        let distance = Duration.milliseconds(simulation.faults.below(60_001, for: .clockJump) - 30_000)
        state.withLock { $0.clockOffset = distance }
        simulation.story.tell(
            simulation.clock.now(), "the clock of \(name) is wrong by \(distance.wholeMilliseconds) ms")
    }

    /// Whether the store can be reached; a fault may begin here.
    var isStoreAway: Bool {
        let now = simulation.clock.now()
        if simulation.faults.isOver { return false }
        if let backAt = state.withLock({ $0.storeBackAt }), now < backAt { return true }
        guard simulation.faults.strikes(.storeAway) else { return false }
        let pause = simulation.faults.duration(upTo: .seconds(20), for: .storeAway)
        state.withLock { $0.storeBackAt = now + pause }
        simulation.story.tell(now, "\(name) cannot reach its store for \(pause.wholeMilliseconds) ms")
        return true
    }
}
