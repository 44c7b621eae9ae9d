import FoundationEssentials
import Notifications
import Orders
import Payments
import PurchaseApp
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import TestEngines
import Testing

/// The whole purchase system in one process on one database: time is virtual, network and gateway do as they are
/// told, and one seed decides what is left to chance.
struct World: Sendable {
    /// From an order to its deadline.
    static let timeout: Duration = .seconds(300)

    let database: any SQLDatabase
    let clock = ManualClock()
    let random: SeededRandom
    let ids: UUIDv7Generator
    let gateway: ScriptedGateway
    let network: ScriptedNetwork
    let history: OrderHistory
    let pulse = Pulse()
    let system: PurchaseSystem
    /// What was emitted, for all instances.
    let emitted = RecordingObserver()
    private let ports: PurchaseSystem.Ports
    let scheduler: Scheduler

    /// - Parameter given: the database to use; `nil`: one on the engine of this run of the tests.
    init(
        _ schedule: Schedule = .plain, probe: any Probe = NoProbe(), on given: (any SQLDatabase)? = nil
    ) async throws {
        let engine = TestEngine.current
        let store: any SQLDatabase = if let given { given } else { try await engine.database() }
        let isServer = store.dialect != .sqlite
        database = schedule.mode == .embedded || isServer ? store : OneConnection(database: store)
        random = SeededRandom(seed: schedule.seed)
        ids = UUIDv7Generator(clock: clock, random: random)
        gateway = ScriptedGateway(database, clock: clock)
        network = ScriptedNetwork(
            database, participants: PurchaseSystem.participants(), clock: clock, random: random, mode: schedule.mode,
            pulse: pulse)
        history = OrderHistory(database)
        let wakeUps = WakeUps(passingTo: emitted)
        ports = PurchaseSystem.Ports(
            clock: clock, ids: ids, random: random, observer: wakeUps, probe: probe, gateway: gateway,
            notifiers: [ConsoleNotifier(sink: { _ in })])
        if schedule.mode == .embedded {
            let (transport, relay) = try await engine.transport(for: database, PurchaseSystem.participants())
            system = PurchaseSystem(
                databases: ServiceDatabases(database), transport: transport, ports: ports, gatewayLanes: 2, relay: relay
            )
        } else {
            system = PurchaseSystem(
                databases: ServiceDatabases(database), transport: network, ports: ports, gatewayLanes: 2)
        }
        let isScripted = schedule.mode != .embedded
        scheduler = Scheduler(
            system.activities.map { [history, pulse, clock, network] activity in
                let group = schedule.mode == .embedded ? nil : Self.group(of: activity)
                return WatchedActivity(
                    activity, history: history, pulse: pulse, clock: clock, mailbox: group.map { ($0, network) })
            }, clock: clock, random: random, wakeUps: wakeUps,
            // The embedded transport of SQLite reads the outbox itself: what is committed is there.
            isRestless: { isScripted || !TestEngine.isSQLite ? $0.consumes != nil : false },
            nextDueAt: { [network] in network.nextDueAt })
    }
}

extension World {
    /// A further instance of every service, as another process would be: with the same network, on `database`.
    func instance(on database: any SQLDatabase) -> PurchaseSystem {
        PurchaseSystem(databases: ServiceDatabases(database), transport: network, ports: ports, gatewayLanes: 1)
    }
}

// MARK: Running

extension World {
    private static func group(of activity: any Activity) -> ServiceID? {
        activity.name.hasSuffix(".consumer") ? ServiceID(String(activity.name.dropLast(".consumer".count))) : nil
    }

    /// Lets the system work for a while of virtual time.
    func run(for duration: Duration, until isDone: @escaping @Sendable () async throws -> Bool = { false }) async throws
    {
        pulse.beat()  // Commands may have been run meanwhile.
        try await scheduler.run(for: duration) {
            network.releaseLast()
            return try await isDone()
        }
    }

    /// Lets the system work until nothing is under way; it is a failure if that takes longer than `horizon`.
    func runUntilRest(
        for horizon: Duration = .seconds(3600), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await run(for: horizon) { try await isAtRest() }
        #expect(try await isAtRest(), "not at rest after \(horizon)", sourceLocation: sourceLocation)
    }

    struct NoSuchActivity: Error { let name: String }

    func activity(_ name: String) throws -> any Activity {
        guard let activity = system.activities.first(where: { $0.name == name }) else {
            throw NoSuchActivity(name: name)
        }
        return activity
    }

    /// One poll of one activity, chosen by the seed; the clock moves a little if it found nothing.
    func pollOnce() async throws {
        let activity = scheduler.activities[random.below(scheduler.activities.count)]
        if try await activity.poll() != .worked { clock.advance(by: .milliseconds(50)) }
    }

    private func isAtRest() async throws -> Bool {
        guard network.pendingCount == 0 else { return false }
        return try await database.read { transaction in
            try transaction.first(
                """
                SELECT 1 AS busy WHERE EXISTS (SELECT 1 FROM orders_orders WHERE NOT settled)
                    OR EXISTS (SELECT 1 FROM saga_outbox) OR EXISTS (SELECT 1 FROM saga_retries)
                    OR EXISTS (SELECT 1 FROM notifications_messages WHERE state = 'PENDING')
                    OR EXISTS (SELECT 1 FROM saga_audit)
                """) == nil
        }
    }

    /// `verify` finds every invariant true and nothing under way: no order, no message, no row of the engine.
    func expectCleanAndAtRest(parked: Int64 = 0, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let report = try await Verifier(database, clock: clock, participants: system.participants).run()
        #expect(report.violations.map { "\($0.check): \($0.what)" } == [], sourceLocation: sourceLocation)
        #expect(report.inFlight.map { "\($0.order) \($0.status) \($0.waitsFor)" } == [], sourceLocation: sourceLocation)
        #expect(report.isAtRest, sourceLocation: sourceLocation)
        #expect(report.queues.outbox == 0, "outbox", sourceLocation: sourceLocation)
        #expect(report.queues.inbox == 0, "inbox", sourceLocation: sourceLocation)
        #expect(report.queues.parked == parked, "parked", sourceLocation: sourceLocation)
        #expect(history.contradictions() == [], sourceLocation: sourceLocation)
        try await expectAudited(sourceLocation)
    }

    /// Each event that was emitted is in the audit trail, once; so is each change that emits none.
    private func expectAudited(_ sourceLocation: SourceLocation) async throws {
        let recorded = try await database.read { transaction in
            try transaction.rows("SELECT id FROM audit_entries").map { try $0.uuid("id") }
        }
        let known = Set(recorded)
        let missing = emitted.envelopes.filter { !known.contains($0.id) }
        #expect(missing.map { "\($0.type)" } == [], "not audited", sourceLocation: sourceLocation)
        #expect(known.count == recorded.count, sourceLocation: sourceLocation)
        #expect(try await database.read { try AuditLog.oldest(in: $0) == nil }, sourceLocation: sourceLocation)
    }

    /// Runs until rest and checks everything.
    func finish(parked: Int64 = 0, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await runUntilRest(sourceLocation: sourceLocation)
        try await expectCleanAndAtRest(parked: parked, sourceLocation: sourceLocation)
    }
}
