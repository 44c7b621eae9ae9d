import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization

/// Delivers the outbox as the test says: late, twice, last of all, corrupt, or never. It keeps each group's position at what
/// the group has acknowledged without a gap, so that pruning and `verify` work as with the transport of production.
final class ScriptedNetwork: EventTransport {
    /// What happens to deliveries of one event type to one group.
    enum Interference: Sendable {
        /// Once as usual, and once more some seconds later.
        case twice
        /// Not before nothing else is due.
        case lastOfAll
        /// Not before a time.
        case until(Timestamp)
        /// So many deliveries vanish for good.
        case lost(times: Int)
        /// The data cannot be read.
        case corrupt
    }

    private struct Rule {
        let group: ServiceID
        let type: EventType
        let subject: UUID?
        var interference: Interference
        var matches = 0
    }

    private struct Pending {
        let delivery: Delivery
        var dueAt: Timestamp
        var isLastOfAll: Bool
        /// Decides the order of a shuffled network.
        let rank: UInt64
    }

    private struct State {
        var lastSeen: Int64 = 0
        /// What was seen so far: where several write at once, a position may become visible after a higher one.
        var seen: Set<Int64> = []
        /// What each group's acknowledgements noted in the database.
        var noted: [ServiceID: Int64] = [:]
        /// Groups that are further than what was noted.
        var behind: Set<ServiceID> = []
        /// The pulse at the last look into the outbox.
        var lookedAt: UInt64?
        var pending: [ServiceID: [Pending]] = [:]
        var rules: [Rule] = []

        /// Everything of the group up to here is acknowledged, if `deliveries` are.
        func position(of group: ServiceID, without deliveries: [Delivery]) -> Int64 {
            var open = (pending[group] ?? []).map(\.delivery.position)
            for delivery in deliveries {
                if let index = open.firstIndex(of: delivery.position) { open.remove(at: index) }
            }
            return open.min().map { $0 - 1 } ?? lastSeen
        }
    }

    private let database: any SQLDatabase
    private let subscriptions: [(group: ServiceID, types: Set<EventType>)]
    private let clock: ManualClock
    private let random: SeededRandom
    private let mode: DeliveryMode
    private let pulse: Pulse
    private let state = Mutex(State())

    static let longestDelay = 3_000

    init(
        _ database: any SQLDatabase, participants: [SQLParticipant], clock: ManualClock, random: SeededRandom,
        mode: DeliveryMode, pulse: Pulse
    ) {
        self.pulse = pulse
        self.database = database
        self.clock = clock
        self.random = random
        self.mode = mode
        subscriptions = participants.map { ($0.service, $0.subscriptions) }
    }

    // MARK: What the test says

    /// Interferes with every later delivery of `type` to `group` (of one order only, if `subject` is given).
    func interfere(
        with type: EventType, to group: ServiceID, of subject: UUID? = nil, _ interference: Interference
    ) {
        state.withLock {
            $0.rules.append(Rule(group: group, type: type, subject: subject, interference: interference))
        }
    }

    /// Delivers as usual from now on; what is held back becomes due.
    func behave() {
        let now = clock.now() + .milliseconds(1)
        state.withLock { state in
            state.rules = []
            for group in state.pending.keys {
                for index in state.pending[group, default: []].indices {
                    state.pending[group]?[index].isLastOfAll = false
                    state.pending[group]?[index].dueAt = now
                }
            }
        }
    }

    /// How many deliveries were interfered with.
    var matches: Int { state.withLock { $0.rules.reduce(0) { $0 + $1.matches } } }

    /// Deliveries not acknowledged yet.
    var pendingCount: Int { state.withLock { $0.pending.values.reduce(0) { $0 + $1.count } } }

    func hasDue(for group: ServiceID) -> Bool {
        let now = clock.now()
        return state.withLock { $0.pending[group]?.contains { !$0.isLastOfAll && $0.dueAt <= now } ?? false }
    }

    /// When the next delivery becomes due.
    var nextDueAt: Timestamp? {
        let now = clock.now()
        return state.withLock { state in
            state.pending.values.joined().filter { !$0.isLastOfAll && $0.dueAt > now }.map(\.dueAt).min()
        }
    }

    /// Nothing else is due: what waited for that becomes due now.
    func releaseLast() {
        let now = clock.now() + .milliseconds(1)
        state.withLock { state in
            for group in state.pending.keys {
                for index in state.pending[group, default: []].indices
                where state.pending[group]?[index].isLastOfAll == true {
                    state.pending[group]?[index].isLastOfAll = false
                    state.pending[group]?[index].dueAt = now
                }
            }
        }
    }

    // MARK: EventTransport

    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        try await takeNewRows()
        let now = clock.now()
        return state.withLock { state in
            var due = (state.pending[group] ?? []).filter { !$0.isLastOfAll && $0.dueAt <= now }
            guard mode.isShuffled else { return due.prefix(limit).map(\.delivery) }
            due.sort { $0.rank < $1.rank }
            // Small batches of any size: what stood side by side may be handled minutes apart.
            return due.prefix(min(limit, 1 + random.below(6))).map(\.delivery)
        }
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {
        let position = state.withLock { state in
            let position = state.position(of: group, without: deliveries)
            state.noted[group] = max(state.noted[group] ?? 0, position)
            return position
        }
        try Self.note(position, of: group, in: transaction)
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        state.withLock { state in
            for delivery in deliveries {
                let index = state.pending[group]?.firstIndex { $0.delivery.position == delivery.position }
                if let index { state.pending[group]?.remove(at: index) }
            }
            // Two instances that acknowledge at once each note a position before the other's deliveries.
            if state.position(of: group, without: []) > state.noted[group] ?? 0 { state.behind.insert(group) }
        }
    }

    private static func note(_ position: Int64, of group: ServiceID, in transaction: any SQLTransaction) throws {
        try transaction.execute(
            """
            INSERT INTO saga_positions (consumer, position) VALUES (\(group.name), \(position))
            ON CONFLICT (consumer) DO UPDATE SET position = excluded.position
            WHERE excluded.position > saga_positions.position
            """)
    }

    func takeNewRows() async throws {
        try await readNewRows()
        let positions = state.withLock { state in
            defer { state.behind = [] }
            return state.behind.map { ($0, state.position(of: $0, without: [])) }
        }
        guard !positions.isEmpty else { return }
        try await database.write { transaction in
            for (group, position) in positions { try Self.note(position, of: group, in: transaction) }
        }
    }

    private func readNewRows() async throws {
        let beats = pulse.beats
        let hasNews = state.withLock { $0.lookedAt != beats }
        guard hasNews else { return }
        let after = database.dialect == .sqlite ? state.withLock { $0.lastSeen } : 0
        let rows = try await database.read { try OutboxReader.deliveries(after: after, in: $0) }
        state.withLock { state in
            state.lookedAt = beats
            for row in rows where state.seen.insert(row.position).inserted {
                state.lastSeen = max(state.lastSeen, row.position)
                for (group, types) in subscriptions where types.contains(row.envelope.type) {
                    let before = state.pending[group]?.count ?? 0
                    enqueue(row, to: group, &state)
                    if state.pending[group]?.count ?? 0 == before { state.behind.insert(group) }
                }
            }
        }
    }

    private func enqueue(_ row: Delivery, to group: ServiceID, _ state: inout State) {
        var copies = [(row, clock.now() + delay(), false)]
        if mode.isDuplicated { copies.append((row, clock.now() + delay(), false)) }
        let index = state.rules.firstIndex {
            $0.group == group && $0.type == row.envelope.type
                && ($0.subject == nil || $0.subject == row.envelope.subject)
        }
        if let index {
            state.rules[index].matches += 1
            switch state.rules[index].interference {
            case .twice: copies.append((row, clock.now() + .seconds(5), false))
            case .lastOfAll: copies = copies.map { ($0.0, $0.1, true) }
            case .until(let time): copies = copies.map { ($0.0, max($0.1, time), false) }
            case .corrupt: copies = copies.map { (Self.corrupt($0.0), $0.1, false) }
            case .lost(let times) where times > 0:
                state.rules[index].interference = .lost(times: times - 1)
                return
            case .lost: state.rules[index].matches -= 1
            }
        }
        state.pending[group, default: []] += copies.map {
            Pending(delivery: $0.0, dueAt: $0.1, isLastOfAll: $0.2, rank: random.next())
        }
    }

    private func delay() -> Duration {
        mode.isShuffled ? .milliseconds(random.below(Self.longestDelay)) : .zero
    }

    private static func corrupt(_ delivery: Delivery) -> Delivery {
        let envelope = delivery.envelope
        return Delivery(
            envelope: Envelope(
                id: envelope.id, type: envelope.type, version: envelope.version, source: envelope.source,
                subject: envelope.subject, time: envelope.time, correlationID: envelope.correlationID,
                causationID: envelope.causationID, traceparent: envelope.traceparent, data: Data("{}".utf8)),
            position: delivery.position)
    }
}
