import SagaChoreography
import SagaSQL
import Synchronization

/// A broker outside the database at its worst: any order, twice, minutes late, or not at all; away, silent, or robbed of
/// everything it held. What it must promise it keeps: an entry that it says is acknowledged was handled by every group.
public final class SimulatedBroker: Sendable {
    struct Pending {
        let position: Int64
        let envelope: Envelope
        let dueAt: Timestamp
        /// Until then no other consumer of the group gets it.
        var leasedUntil: Timestamp?
        var hasBeenTaken = false

        /// When a consumer may have it.
        var freeAt: Timestamp { max(dueAt, leasedUntil ?? dueAt) }
    }

    struct State {
        var generation = 1
        var last: Int64 = 0
        /// Groups that have yet to acknowledge an entry; entries that all have are missing.
        var open: [Int64: Set<ServiceID>] = [:]
        var pending: [ServiceID: [Pending]] = [:]
        var subscribers: [ServiceID: [(life: ProcessLife, gate: Gate)]] = [:]
        /// When each group is looked after next.
        var armed: [ServiceID: Timestamp] = [:]
        var backAt: Timestamp?
        var flushes = 0
        var restarts = 0
        var contentions = 0
    }

    let simulation: Simulation
    let groups: [(group: ServiceID, types: Set<EventType>)]
    private let random: SeededRandom
    private let state = Mutex(State())

    /// How long a delivery stays with the consumer that received it.
    static let lease = Duration.seconds(10)

    /// A broker that knows who subscribes to what.
    public init(_ participants: [SQLParticipant], in simulation: Simulation) {
        self.simulation = simulation
        groups = participants.map { ($0.service, $0.subscriptions) }
        random = simulation.random(for: "broker")
    }

    /// Deliveries that no consumer has acknowledged.
    public var pendingCount: Int { state.withLock { $0.pending.values.reduce(0) { $0 + $1.count } } }

    /// How often everything was lost.
    public var flushes: Int { state.withLock { $0.flushes } }

    /// How often it restarted and kept all but the last entries.
    public var restarts: Int { state.withLock { $0.restarts } }

    /// How often a delivery was handed out that another call had received and not acknowledged.
    public var contentions: Int { state.withLock { $0.contentions } }

    /// Wakes an activity of this life when something for the group becomes due, unless another one is woken for it.
    public func wake(_ activity: String, of life: ProcessLife, for group: ServiceID) {
        guard let gate = life.gate(of: activity) else { return }
        state.withLock { state in
            state.subscribers[group, default: []].removeAll { !$0.life.isPresent }
            state.subscribers[group, default: []].append((life, gate))
        }
    }

    /// Looks after a group at a time, if not before.
    private func arm(_ group: ServiceID, at time: Timestamp, in state: inout State) {
        if let armed = state.armed[group], armed <= time { return }
        state.armed[group] = time
        simulation.call(at: time) { [weak self] in self?.ring(group, at: time) }
    }

    private func ring(_ group: ServiceID, at time: Timestamp) {
        let gates = state.withLock { state -> [Gate] in
            guard state.armed[group] == time else { return [] }
            state.armed[group] = nil
            let pending = state.pending[group] ?? []
            if let next = pending.lazy.map(\.freeAt).filter({ $0 > time }).min() { arm(group, at: next, in: &state) }
            guard pending.contains(where: { $0.freeAt <= time }) else { return [] }
            state.subscribers[group, default: []].removeAll { !$0.life.isPresent }
            let gates = (state.subscribers[group] ?? []).map(\.gate)
            // Mostly one of several instances is told; now and then all of them run for it.
            guard gates.count > 1, random.below(4) > 0 else { return gates }
            return [gates[random.below(gates.count)]]
        }
        for gate in gates { gate.raise() }
    }

    /// Runs an operation of the broker, unless it cannot be reached.
    func reach<Result>(_ body: (inout State) throws -> Result) throws -> Result {
        let now = simulation.clock.now()
        let faults = simulation.faults
        return try state.withLock { state in
            if !faults.isOver {
                if let backAt = state.backAt, now < backAt { throw SagaFault.unavailable("injected: broker away") }
                if faults.strikes(.outage) {
                    let pause = faults.duration(upTo: .seconds(40), for: .outage)
                    state.backAt = now + pause
                    simulation.story.tell(now, "the broker is away for \(pause.wholeMilliseconds) ms")
                    throw SagaFault.unavailable("injected: the broker is away")
                }
                if faults.strikes(.flush) { lose(in: &state, at: now) }
            }
            let result = try body(&state)
            guard !faults.strikes(.silence) else {
                throw SagaFault.unavailable("injected: the broker's answer is lost")
            }
            return result
        }
    }

    /// A restart without the data, or with all of it but the last entries.
    private func lose(in state: inout State, at now: Timestamp) {
        state.generation += 1
        guard random.below(2) == 0 else {
            state.flushes += 1
            state.open = [:]
            state.pending = [:]
            return simulation.story.tell(now, "the broker lost everything")
        }
        let kept = state.last - Int64(random.below(6))
        state.restarts += 1
        state.open = state.open.filter { $0.key <= kept }
        for group in state.pending.keys { state.pending[group]?.removeAll { $0.position > kept } }
        simulation.story.tell(now, "the broker restarted and lost what came after \(kept)")
    }

    func add(_ envelope: Envelope, to state: inout State) -> Int64 {
        state.last += 1
        let position = state.last
        let now = simulation.clock.now()
        let faults = simulation.faults
        var open: Set<ServiceID> = []
        for (group, types) in groups where types.contains(envelope.type) {
            open.insert(group)
            if faults.strikes(.loss) {
                simulation.story.tell(now, "\(envelope.type) to \(group) is lost")
                continue
            }
            for _ in 0..<(faults.strikes(.duplicate) ? 2 : 1) {
                let isLate = faults.strikes(.delay)
                let delay =
                    isLate
                    ? faults.duration(upTo: faults.plan.longestDelay, for: .delay) : .milliseconds(random.below(5))
                state.pending[group, default: []].append(
                    Pending(position: position, envelope: envelope, dueAt: now + delay))
                arm(group, at: now + delay, in: &state)
            }
        }
        if !open.isEmpty { state.open[position] = open }
        return position
    }

    func take(for group: ServiceID, limit: Int, from state: inout State) -> [Delivery] {
        let now = simulation.clock.now()
        guard var all = state.pending[group], !all.isEmpty else { return [] }
        var ready = all.indices.filter { all[$0].dueAt <= now && (all[$0].leasedUntil ?? now) <= now }
        guard !ready.isEmpty else { return [] }
        let count = min(limit, ready.count, random.below(4) == 0 ? 1 + random.below(3) : 64)
        var taken: [Delivery] = []
        for index in 0..<count {
            ready.swapAt(index, index + random.below(ready.count - index))
            let chosen = ready[index]
            taken.append(Delivery(envelope: all[chosen].envelope, position: all[chosen].position))
            if all[chosen].hasBeenTaken { state.contentions += 1 }
            all[chosen].hasBeenTaken = true
            // Now and then nobody keeps it for itself for long: two instances then handle it at once.
            let lease = random.below(8) == 0 ? .milliseconds(random.below(20)) : Self.lease
            all[chosen].leasedUntil = now + lease
        }
        state.pending[group] = all
        if let next = all.lazy.map(\.freeAt).filter({ $0 > now }).min() { arm(group, at: next, in: &state) }
        // What was not taken is free: another instance may have it.
        if count < ready.count { arm(group, at: now + .milliseconds(1), in: &state) }
        return taken
    }

    func settle(_ deliveries: [Delivery], for group: ServiceID, in state: inout State) {
        for delivery in deliveries {
            if let index = state.pending[group]?.firstIndex(where: { $0.position == delivery.position }) {
                state.pending[group]?.remove(at: index)
            }
            state.open[delivery.position]?.remove(group)
            if state.open[delivery.position]?.isEmpty == true { state.open[delivery.position] = nil }
        }
    }
}
