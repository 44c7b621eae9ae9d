import Audit
import FoundationEssentials
import Notifications
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// What is different where services have databases of their own: there is no moment that they have in common. Each service's tables are
/// checked in one snapshot as ever. What is compared across services is what does not change any more (settled orders); and what looks
/// wrong is looked at once more, for a refund may have opened an order again in between.
extension Verifier {
    func examineApart(progress: @Sendable (Int) -> Void) async throws -> VerifyReport {
        let now = clock.now()
        var violations: [VerifyReport.Violation] = []
        for place in databases.places {
            let checks = Self.owned.filter { place.has($0.service) }.flatMap(\.checks) + EngineChecks.all
            violations += try await place.database.read { transaction in
                try checks.flatMap { check in
                    try check.run(in: transaction).map { .init(check: check.id, sentence: check.sentence, what: $0) }
                }
            }
        }
        violations += try await keptInboxes()
        let log = databases[AuditParticipant.service]
        let isAudited = try await log.read { try AuditQueries($0).isKept() }
        if isAudited { violations += try await log.read { try Self.chain(in: $0) } }
        let orders = databases[OrdersParticipant.service]
        var settled = 0
        var last: OrderID?
        while true {
            let (page, found) = try await settledPage(after: last, isAudited: isAudited)
            guard let end = page.last else { break }
            violations += found
            settled += page.count
            last = end.id
            progress(settled)
        }
        let (inFlight, count) = try await orders.read { transaction in
            let queries = OrderQueries(transaction)
            let named = try queries.unsettled(limit: Self.named).map { order in
                VerifyReport.InFlight(
                    order: order.id.description, status: order.state.rawValue,
                    ageMilliseconds: (now - order.since).wholeMilliseconds,
                    waitsFor: try queries.waitsFor(order.id)?.events.map(\.name) ?? [])
            }
            return (
                named,
                try transaction.first("SELECT COUNT(*) AS n FROM orders_orders WHERE NOT settled")?.int("n") ?? 0
            )
        }
        return VerifyReport(
            checks: Self.checks.count, settledOrders: settled, violations: violations, inFlight: inFlight,
            inFlightCount: count, queues: try await queuesApart(), databases: databases.places.count)
    }

    /// How much is under way in all databases together.
    func queuesApart() async throws -> VerifyReport.Queues {
        let participants = try await databases[AuditParticipant.service].read { try self.participants(in: $0) }
        var sum = VerifyReport.Queues(outbox: 0, unacknowledged: 0, retries: 0, parked: 0, inbox: 0, notifications: 0)
        for place in databases.places {
            let hasNotifications = place.has(NotificationsParticipant.service)
            let queues = try await place.database.read {
                try EngineChecks.queues(participants, hasNotifications: hasNotifications, in: $0)
            }
            sum = sum + queues
        }
        return sum
    }

    /// A page of settled orders, and what is wrong with them both times that it is looked at.
    private func settledPage(
        after last: OrderID?, isAudited: Bool
    ) async throws -> (page: [OrderSettlement], found: [VerifyReport.Violation]) {
        let orders = databases[OrdersParticipant.service]
        let page = try await orders.read { try OrderQueries($0).settled(after: last, limit: Self.page) }
        let missing = isAudited ? try await unrecorded(page) : []
        let found = try await violations(of: page)
        guard !found.isEmpty else { return (page, missing) }
        let again = try await orders.read { try OrderQueries($0).settled(after: last, limit: Self.page) }
        let unchanged = Set(page).intersection(again)
        let confirmed = Set(try await violations(of: page.filter(unchanged.contains)))
        return (page, found.filter(confirmed.contains) + missing)
    }

    private func violations(of page: [OrderSettlement]) async throws -> [VerifyReport.Violation] {
        SettledOrderCheck(try await .init(of: page.map(\.id), in: databases)).violations(of: page)
    }

    /// Steps that are neither in the log nor in an outbox. What left an outbox in between is in the log by then.
    private func unrecorded(_ page: [OrderSettlement]) async throws -> [VerifyReport.Violation] {
        let log = databases[AuditParticipant.service]
        let first = try await log.read { try AuditedOrderCheck($0)?.lacking(of: page).map(\.order) ?? [] }
        guard !first.isEmpty else { return [] }
        var waiting: [UUID: Set<String>] = [:]
        for types in try await databases.everywhere({ try OutboxReader.types(of: first.map(\.id.uuid), in: $0) }) {
            for (order, types) in types { waiting[order, default: []].formUnion(types) }
        }
        let still = try await log.read { try AuditedOrderCheck($0)?.lacking(of: first) ?? [] }
        return AuditedOrderCheck.violations(still, waiting: waiting)
    }

    /// Inbox rows of orders of whose end everybody has heard: seen before that was asked, and after.
    private func keptInboxes() async throws -> [VerifyReport.Violation] {
        var found: [VerifyReport.Violation] = []
        for place in databases.places {
            let subjects = try await place.database.read { transaction in
                try transaction.rows("SELECT DISTINCT subject FROM saga_inbox WHERE subject IS NOT NULL").map {
                    try $0.uuid("subject")
                }
            }
            var over: [UUID] = []
            for part in BoundedList.parts(of: subjects) {
                over += try await databases[OrdersParticipant.service].read { transaction in
                    try transaction.rows(
                        """
                        SELECT subject FROM orders_orders AS o WHERE settled AND subject IN (\(list: part))
                            AND NOT EXISTS (SELECT 1 FROM saga_outbox AS x
                                WHERE x.subject = o.subject AND x.type = 'order.settled')
                        """
                    ).map { try $0.uuid("subject") }
                }
            }
            for part in BoundedList.parts(of: over) {
                found += try await place.database.read { transaction in
                    try transaction.rows(
                        """
                        SELECT consumer || ' keeps ' || lower(hex(event_id)) AS what FROM saga_inbox
                        WHERE subject IN (\(list: part)) LIMIT 20
                        """
                    ).map { row in
                        let check = EngineChecks.inboxSettled
                        return .init(check: check.id, sentence: check.sentence, what: try row.text("what"))
                    }
                }
            }
        }
        return found
    }
}
