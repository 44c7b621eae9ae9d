import FoundationEssentials
import PurchaseApp
import SQLCore
import SagaChoreography
import SagaTesting
import Synchronization

/// Looks on: after each commit at what must always hold, and at how far runs come.
final class ShopWatch: SagaObserver {
    /// An invariant does not hold.
    struct Broken: Error, CustomStringConvertible {
        /// The stable name of the invariant.
        let check: String
        let description: String

        init(_ check: String, _ sentence: String, _ what: String) {
            self.check = check
            description = "\(sentence): \(what)"
        }

        init(_ violations: [VerifyReport.Violation]) {
            check = violations.first?.check ?? "none"
            description = violations.map { "\($0.check): \($0.sentence): \($0.what)" }.joined(separator: "; ")
        }
    }

    private struct Key: Hashable {
        let group: ServiceID
        let type: EventType
        let disposition: Disposition
    }

    private struct State {
        var commits = 0
        var lastEvent: Int64 = 0
        var refunded: [UUID: UUID] = [:]
        var endings: [UUID: (id: UUID, type: EventType)] = [:]
        var reports: Set<Key> = []
        var processed: Set<UUID> = []
        var confirmedFirst = false
        var worst = 0
    }

    private static let endings: Set<String> = ["order.completed", "order.failed", "order.cancelled"]
    private static let confirmations: Set<String> = ["payment.confirmed", "inventory.confirmed", "item.deducted"]

    private let simulation: Simulation
    private let store: SimulatedStore
    private let verifier: Verifier
    private let interval: Int
    private let state = Mutex(State())

    init(_ simulation: Simulation, store: SimulatedStore, verifier: Verifier, interval: Int) {
        self.simulation = simulation
        self.store = store
        self.verifier = verifier
        self.interval = interval
    }

    /// How many transactions committed.
    var commits: Int { state.withLock { $0.commits } }
    /// The most rows that the outbox ever held.
    var largestOutbox: Int { state.withLock { $0.worst } }

    func committed(by commit: SimulatedStore.Commit) {
        let isCheckDue = state.withLock { state in
            state.commits += 1
            return state.commits % interval == 0
        }
        do {
            if commit.hasEvents { try lookAtEvents(by: commit.life?.process.name ?? "outside") }
            if isCheckDue { try check() }
        } catch { simulation.fail(error) }
    }

    /// Checks every invariant.
    func check() throws {
        let report = try store.read { try verifier.examine($0) }
        state.withLock { $0.worst = max($0.worst, Int(report.queues.outbox)) }
        guard report.isClean else { throw Broken(report.violations) }
    }

    private func lookAtEvents(by process: String) throws {
        let after = state.withLock { $0.lastEvent }
        let rows = try store.read {
            try $0.rows("SELECT seq, id, type, source, subject FROM saga_outbox WHERE seq > \(after) ORDER BY seq")
        }
        for row in rows {
            let (id, type, subject) = (try row.uuid("id"), try row.text("type"), try row.optionalUUID("subject"))
            let seq = try row.int64("seq")
            state.withLock { $0.lastEvent = seq }
            simulation.story.tell(
                simulation.clock.now(), "\(process): \(type) of \(subject.map { name($0) } ?? "no order")")
            if type == "order.refunded", let subject { try lookAtRefund(id, of: subject) }
            guard Self.endings.contains(type), let subject else { continue }
            let earlier = state.withLock { state in
                defer { if state.endings[subject] == nil { state.endings[subject] = (id, EventType(type)) } }
                return state.endings[subject]
            }
            if let earlier, earlier.id != id {
                throw Broken(
                    "orders.one-end", "each order ends once", "order \(name(subject)): \(earlier.type), then \(type)")
            }
        }
    }

    private func lookAtRefund(_ event: UUID, of order: UUID) throws {
        let (ending, earlier) = state.withLock { state in
            defer { state.refunded[order] = event }
            return (state.endings[order]?.type, state.refunded[order])
        }
        guard ending == "order.completed", earlier == nil || earlier == event else {
            throw Broken("orders.one-refund", "only a completed order is refunded, and once", "order \(name(order))")
        }
    }

    private func name(_ id: UUID) -> String { String(id.uuidString.lowercased().suffix(12)) }

    // MARK: SagaObserver

    func committed(_ envelopes: [Envelope]) {}

    func delivered(_ report: DeliveryReport) {
        let type = report.envelope.type
        simulation.story.tell(
            simulation.clock.now(),
            "    \(report.group): \(type) of \(report.envelope.subject.map { name($0) } ?? "-") \(report.disposition.rawValue)"
                + (report.fault.map { " (\($0.summary))" } ?? ""))
        state.withLock { state in
            state.reports.insert(Key(group: report.group, type: type, disposition: report.disposition))
            guard report.group.name == "orders", let subject = report.envelope.subject else { return }
            if type.name == "payment.processed" { state.processed.insert(subject) }
            if Self.confirmations.contains(type.name), report.disposition == .applied,
                !state.processed.contains(subject)
            {
                state.confirmedFirst = true
            }
        }
    }

    func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp) {}

    // MARK: Goals

    /// What this run reached.
    func goals(_ topology: Topology) throws -> Goals {
        var goals = Goals()
        goals.reach("topology \(topology.rawValue)")
        for kind in simulation.faults.counts.keys { goals.reach("fault \(kind.rawValue)") }
        let (reports, confirmedFirst) = state.withLock { ($0.reports, $0.confirmedFirst) }
        for key in reports {
            goals.reach("\(key.group): \(key.type) → \(key.disposition.rawValue)")
            if key.disposition == .retrying { goals.reach("retried") }
        }
        if confirmedFirst { goals.reach("confirmation before payment.processed") }
        for (goal, statement) in Self.reached where try store.read({ try $0.first(statement) != nil }) {
            goals.reach(goal)
        }
        let states = try store.read { try $0.rows(Self.states) }
        for row in states { goals.reach("\(try row.text("service")): \(try row.text("state"))") }
        let causes = try store.read {
            try $0.rows("SELECT DISTINCT cause FROM orders_orders WHERE cause IS NOT NULL")
        }
        for row in causes { goals.reach("cause \(try row.text("cause"))") }
        return goals
    }

    private static let states: SQLStatement = """
        SELECT DISTINCT 'orders' AS service, state FROM orders_orders
        UNION SELECT 'coupons', state FROM coupons_saga UNION SELECT 'users', state FROM users_saga
        UNION SELECT 'inventory', state FROM inventory_saga UNION SELECT 'items', state FROM items_saga
        UNION SELECT 'payments', state FROM payments_saga
        """

    private static func repaired(_ condition: StaticString) -> SQLStatement {
        "SELECT 1 AS found FROM saga_operation_items AS i WHERE i.event_id IS NOT NULL AND \(fixed: condition) LIMIT 1"
    }

    private static let reached: [(String, SQLStatement)] = [
        (
            "captured though cancelling was asked",
            """
            SELECT 1 AS found FROM orders_orders WHERE cancel_cause IS NOT NULL AND state IN ('COMPLETED', 'REFUNDED')
            LIMIT 1
            """
        ),
        (
            "refunded because cancelling was asked",
            "SELECT 1 AS found FROM payments_saga WHERE state = 'REFUNDED' AND phase = 'refund' LIMIT 1"
        ),
        (
            "refund completed",
            "SELECT 1 AS found FROM orders_refunds WHERE state = 'REFUNDED' LIMIT 1"
        ),
        (
            "refund refused by the gateway",
            "SELECT 1 AS found FROM orders_refunds WHERE refusal_code = 'payments.refund-refused' LIMIT 1"
        ),
        (
            "refund completed after one that was refused",
            """
            SELECT 1 AS found FROM orders_refunds r JOIN orders_refunds f ON f.order_id = r.order_id
            WHERE r.state = 'REFUNDED' AND f.state = 'FAILED' LIMIT 1
            """
        ),
        (
            "refund completed after the gateway refused to give back for a cancellation",
            """
            SELECT 1 AS found FROM payments_saga p JOIN payments_refunds r ON r.order_id = p.subject
            WHERE p.phase = 'refund' AND r.state = 'REFUNDED' LIMIT 1
            """
        ),
        (
            "refund of nothing paid",
            "SELECT 1 AS found FROM payments_saga WHERE state = 'REFUNDED' AND amount = 0 LIMIT 1"
        ),
        (
            "refund whose outcome was unknown at first",
            "SELECT 1 AS found FROM payments_refunds WHERE attempts > 1 AND state = 'REFUNDED' LIMIT 1"
        ),
        (
            "refund refused: captured after all",
            """
            SELECT 1 AS found FROM payments_saga WHERE state = 'CAPTURED' AND cancel_cause IS NOT NULL LIMIT 1
            """
        ),
        ("nothing to pay", "SELECT 1 AS found FROM payments_saga WHERE state = 'CAPTURED' AND amount = 0 LIMIT 1"),
        ("poisoned and undone", "SELECT 1 AS found FROM saga_parked LIMIT 1"),
        ("replayed as it was, and parked again", repaired("i.state = 'parked'")),
        ("edited, replayed, and applied", repaired("i.state = 'handled' AND i.disposition = 'applied'")),
        ("edited and replayed too late", repaired("i.state = 'handled' AND i.disposition = 'ignored'")),
        ("discarded", repaired("i.state = 'discarded'")),
    ]
}
