import Audit
import Coupons
import Inventory
import Items
import Notifications
import Orders
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Users

/// Checks every invariant from the databases alone: in one snapshot where all services share one database, see
/// ``examineApart(progress:)`` for the rest.
public struct Verifier: Sendable {
    let databases: ServiceDatabases
    let clock: any SagaClock
    /// `nil`: the database says whether there is an audit trail.
    private let participants: [SQLParticipant]?

    /// Orders compared at a time.
    static let page = 500
    /// Unsettled orders that a report names.
    static let named = 50

    /// - Parameter participants: all of the system; `nil`: those of production, and Audit if somebody records what happens on this
    ///   database.
    public init(
        _ database: any SQLDatabase, clock: any SagaClock = SystemClock(), participants: [SQLParticipant]? = nil
    ) {
        self.init(ServiceDatabases(database), clock: clock, participants: participants)
    }

    /// As ``init(_:clock:participants:)``, of services that may have databases of their own.
    public init(
        _ databases: ServiceDatabases, clock: any SagaClock = SystemClock(), participants: [SQLParticipant]? = nil
    ) {
        self.databases = databases
        self.clock = clock
        self.participants = participants
    }

    /// Every "always" invariant, by service.
    public static let checks: [InvariantCheck] =
        owned.flatMap { $0.checks } + EngineChecks.all + EngineChecks.apart

    /// Those of each service's own tables.
    static let owned: [(service: ServiceID, checks: [InvariantCheck])] = [
        (OrdersParticipant.service, OrdersChecks.all), (CouponsParticipant.service, CouponsChecks.all),
        (UsersParticipant.service, UsersChecks.all), (InventoryParticipant.service, InventoryChecks.all),
        (ItemsParticipant.service, ItemsChecks.all), (PaymentsParticipant.service, PaymentsChecks.all),
        (NotificationsParticipant.service, NotificationsChecks.all), (AuditParticipant.service, AuditChecks.all),
    ]

    func participants(in transaction: any SQLTransaction) throws -> [SQLParticipant] {
        try participants ?? PurchaseSystem.participants(isAudited: AuditQueries(transaction).isKept())
    }

    /// Reads one snapshot and checks it.
    ///
    /// - Parameter progress: told how many settled orders were compared so far.
    /// - Throws: ``SQLError``.
    public func run(progress: @escaping @Sendable (Int) -> Void = { _ in }) async throws -> VerifyReport {
        guard databases.isOne else { return try await examineApart(progress: progress) }
        return try await databases.main.read { try examine($0, progress: progress) }
    }

    /// Checks what an open transaction sees.
    ///
    /// - Parameter progress: told how many settled orders were compared so far.
    /// - Throws: ``SQLError``.
    public func examine(
        _ transaction: any SQLTransaction, progress: (Int) -> Void = { _ in }
    ) throws -> VerifyReport {
        let now = clock.now()
        var violations: [VerifyReport.Violation] = []
        for check in Self.checks {
            violations += try check.run(in: transaction).map {
                .init(check: check.id, sentence: check.sentence, what: $0)
            }
        }
        let participants = try participants(in: transaction)
        let isAudited = participants.contains { $0.service == AuditParticipant.service }
        if isAudited { violations += try Self.chain(in: transaction) }
        let audited = isAudited ? try AuditedOrderCheck(transaction) : nil
        let orders = OrderQueries(transaction)
        var settled = 0
        var last: OrderID?
        while true {
            let page = try orders.settled(after: last, limit: Self.page)
            guard let end = page.last else { break }
            violations += SettledOrderCheck(try .init(of: page.map(\.id), in: transaction)).violations(of: page)
            violations += try audited?.violations(of: page) ?? []
            settled += page.count
            last = end.id
            progress(settled)
        }
        let waiting = try orders.unsettled(limit: Self.named)
        let inFlight = try waiting.map { order in
            VerifyReport.InFlight(
                order: order.id.description, status: order.state.rawValue,
                ageMilliseconds: (now - order.since).wholeMilliseconds,
                waitsFor: try orders.waitsFor(order.id)?.events.map(\.name) ?? [])
        }
        let count = try transaction.first("SELECT COUNT(*) AS n FROM orders_orders WHERE NOT settled")?.int("n") ?? 0
        return VerifyReport(
            checks: Self.checks.count, settledOrders: settled, violations: violations, inFlight: inFlight,
            inFlightCount: count, queues: try EngineChecks.queues(participants, in: transaction), databases: 1)
    }

    static func chain(in transaction: any SQLTransaction) throws -> [VerifyReport.Violation] {
        try AuditVerifier(hash: SHA256Hash()).examine(transaction).findings.map {
            .init(
                check: "audit.chain-intact", sentence: "the audit trail is what was recorded", what: $0.description)
        }
    }

    /// Checks until the system is at rest, or `wait` is over; then reports what the last snapshot showed.
    ///
    /// - Throws: ``SQLError``; `CancellationError`.
    public func run(
        waitingForRest wait: Duration, pause: @Sendable (Duration) async throws -> Void,
        progress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> VerifyReport {
        let end = clock.now() + wait
        while try await !isAtRest(), clock.now() < end { try await pause(.milliseconds(200)) }
        return try await run(progress: progress)
    }

    private func isAtRest() async throws -> Bool {
        guard databases.isOne else {
            let unsettled = try await databases[OrdersParticipant.service].read {
                try OrderQueries($0).unsettled(limit: 1)
            }
            let queues = try await queuesApart()
            return unsettled.isEmpty && queues.areAtRest
        }
        return try await databases.main.read { transaction in
            let participants = try participants(in: transaction)
            let unsettled = try OrderQueries(transaction).unsettled(limit: 1)
            return try unsettled.isEmpty && EngineChecks.queues(participants, in: transaction).areAtRest
        }
    }
}
