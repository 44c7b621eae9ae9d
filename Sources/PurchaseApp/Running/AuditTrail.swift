import Audit
import Foundation
import SQLCore
import SagaChoreography
import SagaSQL

/// What keeps the audit trail of a composed system.
public struct AuditTrail: Sendable {
    private let recorder: AuditRecorder
    /// For each database: what services write down of changes without an event is beside their rows.
    private let changes: [(recorder: ChangeRecorder, database: any SQLDatabase)]
    private let log: any SQLDatabase
    private let feeder: StoreFeeder?
    private let relief: LogRelief?

    init(
        _ policy: AuditPolicy, on databases: ServiceDatabases, from transport: some EventTransport<any SQLTransaction>,
        _ ports: PurchaseSystem.Ports, _ second: SecondStore? = nil
    ) {
        let database = databases[AuditParticipant.service]
        log = database
        recorder = AuditRecorder(
            on: database, from: transport, clock: ports.clock, policy: policy, hash: SHA256Hash(), probe: ports.probe,
            observer: ports.audit)
        changes = databases.places.map { place in
            let isHere = place.has(AuditParticipant.service)
            return (
                ChangeRecorder(
                    on: database, from: isHere ? nil : place.database, clock: ports.clock, policy: policy,
                    hash: SHA256Hash(), observer: ports.audit), place.database
            )
        }
        let placement = second?.placement
        // Where nothing new belongs to the store, it still has to forget what retention takes.
        feeder = second.map { second in
            StoreFeeder(
                from: database, to: second.store, placement: second.placement, hash: SHA256Hash(), clock: ports.clock,
                observer: ports.audit)
        }
        relief = second.flatMap { second in
            guard placement?.movesAnything == true else { return nil }
            return LogRelief(of: database, to: second.store, placement: second.placement, clock: ports.clock)
        }
    }

    /// Notes in the database whether what happens from now on is recorded; by the process whose task that is, at its start.
    ///
    /// - Throws: ``SQLError``.
    static func note(isKept: Bool, on database: any SQLDatabase, at now: Timestamp) async throws {
        try await database.write { transaction in
            if isKept {
                try AuditCoverage.begin(in: transaction, at: now, hash: SHA256Hash())
            } else {
                try AuditCoverage.end(in: transaction, hash: SHA256Hash())
            }
        }
    }

    /// Takes away what was kept long enough.
    static func cleanup(
        _ configuration: PurchaseConfiguration, on database: any SQLDatabase, store: (any EntryStore)? = nil,
        clock: any SagaClock, ids: any IDGenerator
    ) -> AuditCleanup {
        AuditCleanup(
            on: database, store: store, clock: clock, ids: ids, hash: SHA256Hash(),
            retention: configuration.auditRetention)
    }

    /// The next time that it is 02:00 where this process runs. Where a change of the clocks leaves that out, an hour later.
    static func nextCleanup(after now: Timestamp, calendar: Calendar = .current) -> Timestamp {
        let date = Date(timeIntervalSince1970: Double(now.milliseconds) / 1000)
        let next = calendar.nextDate(
            after: date, matching: DateComponents(hour: 2, minute: 0, second: 0), matchingPolicy: .nextTime)
        return next.map { Timestamp(milliseconds: Int64($0.timeIntervalSince1970 * 1000)) } ?? now + .seconds(86_400)
    }

    var activities: [PlacedActivity] {
        let kept: [(any Activity)?] = [recorder, feeder, relief]
        return kept.compactMap { $0.map { PlacedActivity($0, on: log) } }
            + changes.map { PlacedActivity($0.recorder, on: $0.database) }
    }

    /// Records what waits now, however little it is.
    ///
    /// - Throws: ``SQLError``; ``SagaFault`` `.unavailable` if the transport is away. Nothing is lost then.
    public func flush() async throws {
        try await recorder.flush()
        for change in changes { try await change.recorder.flush() }
    }

    /// Brings what is in the log to the store beside it, for some seconds at most.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if the store is away: it gets it later.
    public func flushStore() async throws { try await feeder?.flush() }
}
