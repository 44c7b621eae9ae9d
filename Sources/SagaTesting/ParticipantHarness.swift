import FoundationEssentials
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import Synchronization

/// One service alone on a database in memory, with a clock that stands still and ids and chance from a seed.
///
///     try await withParticipant(ItemsParticipant.make(), migrations: ItemsMigrations.sqlite) { items in
///         let outcome = try await items.deliver(InventoryReserved(order: order))
///         #expect(outcome.disposition == .applied)
///     }
public func withParticipant<Result>(
    _ participant: SQLParticipant, migrations: [Migration], seed: UInt64 = 1, clock: ManualClock = ManualClock(),
    probe: any Probe = NoProbe(), _ body: (ParticipantHarness) async throws -> Result
) async throws -> Result {
    let harness = try ParticipantHarness(participant, seed: seed, clock: clock, probe: probe)
    try await Migrator(EngineMigrations.sqlite + migrations).migrate(
        harness.database, now: harness.clock.now().milliseconds)
    return try await body(harness)
}

/// See ``withParticipant(_:migrations:seed:clock:probe:_:)``.
public final class ParticipantHarness: Sendable {
    /// The service under test.
    public let participant: SQLParticipant
    /// Its database in memory, migrated.
    public let database: SQLiteDatabase
    /// The only clock of service and engine; it moves when the test moves it.
    public let clock: ManualClock
    /// Chance from the seed.
    public let random: SeededRandom
    /// Ids that follow ``clock`` and ``random``.
    public let ids: any IDGenerator
    /// Runs the service's commands; ``run(_:)`` also reports what was emitted.
    public let commands: SQLCommands
    /// What the service's workers are given.
    public let context: ServiceContext

    private let observer = RecordingObserver()
    private let consumer: Consumer<SQLSagaStore, DirectTransport>
    private let last = Mutex<[Envelope]>([])

    init(_ participant: SQLParticipant, seed: UInt64, clock: ManualClock, probe: any Probe) throws {
        self.clock = clock
        self.participant = participant
        database = try SQLiteDatabase.inMemory()
        random = SeededRandom(seed: seed)
        ids = UUIDv7Generator(clock: clock, random: random)
        let store = SQLSagaStore(database)
        commands = SQLCommands(
            service: participant.service, store: store, clock: clock, ids: ids, observer: observer, probe: probe)
        context = ServiceContext(
            database: database, commands: commands, clock: clock, ids: ids, random: random, probe: probe)
        consumer = Consumer(
            participant, store: store, transport: DirectTransport(), policy: RetryPolicy(), clock: clock, ids: ids,
            random: random, observer: observer, probe: probe)
    }

    /// Sets rows up.
    public func given(_ body: @escaping @Sendable (any SQLTransaction) throws -> Void) async throws {
        try await database.write(body)
    }

    /// Reads rows.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await database.read(body)
    }

    /// Delivers one event in a transaction of its own.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`; other faults are in the outcome.
    @discardableResult
    public func deliver(_ event: any Event, traceparent: String? = nil) async throws -> DeliveryOutcome {
        try await deliver([seal(event, traceparent)])[0]
    }

    /// Delivers several events in one transaction (one by one if it faults).
    ///
    /// - Returns: an outcome for each, in the order of `events`.
    @discardableResult
    public func deliverBatch(_ events: [any Event]) async throws -> [DeliveryOutcome] {
        try await deliver(events.map { try seal($0) })
    }

    /// Delivers what was delivered last once more, with the same event ids.
    @discardableResult
    public func redeliver() async throws -> DeliveryOutcome {
        try await deliver(last.withLock { $0 })[0]
    }

    /// Runs a command.
    ///
    /// - Throws: what the command throws.
    @discardableResult
    public func run<C: Command>(_ command: C) async throws -> CommandResult<C.Outcome>
    where C.Transaction == any SQLTransaction {
        _ = observer.take()
        let outcome = try await commands.run(command)
        return CommandResult(outcome: outcome, emitted: observer.take().envelopes)
    }

    /// What workers committed since the last call of this or any other method: for tests of workers.
    public func takeEmitted() -> [Envelope] { observer.take().envelopes }

    private func seal(_ event: any Event, _ traceparent: String? = nil) throws -> Envelope {
        try Envelope.seal(event, id: ids.next(), source: "test", time: clock.now(), traceparent: traceparent)
    }

    private func deliver(_ envelopes: [Envelope]) async throws -> [DeliveryOutcome] {
        last.withLock { $0 = envelopes }
        _ = observer.take()
        try await consumer.deliver(envelopes.map { Delivery(envelope: $0, position: 0) })
        let reports = observer.take().reports
        return try envelopes.map { envelope in
            guard let report = reports.last(where: { $0.envelope.id == envelope.id }) else {
                throw SagaFault.permanent(.contract, "no report of the delivery of \(envelope.type)")
            }
            return DeliveryOutcome(
                disposition: report.disposition, fault: report.fault, emitted: report.emitted)
        }
    }
}

/// Hands over what the harness delivers; there is nothing to receive or acknowledge.
private struct DirectTransport: EventTransport {
    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] { [] }
    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {}
    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {}
}
