import Audit
import FoundationEssentials
import Orders
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Tells how orders fare and what they wait for. It only looks: nothing waits for it, and nothing is changed by it.
///
/// It keeps no tables of its own: what it says is derived each time from the services' rows, the outbox and the audit trail, so it is
/// never behind and there is nothing to rebuild (decision 30).
public struct JourneyReader: Sendable {
    let databases: ServiceDatabases
    let clock: any SagaClock
    let states: SagaStates
    let graph: ChoreographyGraph
    private let trail: AuditReader?
    private let services: ServiceWatch
    private let pace: Remembered<StepPace>
    private let gateway: GatewayBook?

    /// A step's usual time changes slowly.
    private static let paceAge = Duration.seconds(30)
    /// An order has some dozens of entries in the audit trail; one that is sent again and again has more.
    private static let mostEntries = 500

    /// - Parameters:
    ///   - participants: all of the system.
    ///   - stateTables: each service's state table.
    ///   - trail: where events of settled orders are found; `nil`: nowhere, their rows tell.
    ///   - lag: how far each consumer is behind; `nil`: that cannot be told.
    ///   - gateway: where the payment gateway in use keeps its book; `nil`: that is not known here.
    public init(
        _ databases: ServiceDatabases, clock: any SagaClock, participants: [SQLParticipant],
        stateTables: [ServiceID: String], trail: AuditReader? = nil,
        lag: (@Sendable () async throws -> [ServiceID: ConsumerLag])? = nil, gateway: GatewayBook? = nil
    ) {
        self.gateway = gateway
        self.databases = databases
        self.clock = clock
        self.trail = trail
        graph = ChoreographyGraph(participants)
        states = SagaStates(stateTables)
        services = ServiceWatch(databases, clock: clock, services: participants.map(\.service), lag: lag)
        pace = Remembered(for: Self.paceAge, clock: clock)
    }

    /// Who emits what and who reacts to it.
    public var choreography: ChoreographyGraph { graph }

    /// How the services fare.
    ///
    /// - Throws: ``SQLError``.
    public func standings() async throws -> ServiceStandings { try await services.standings() }

    /// The journey of an order; `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func journey(of id: OrderID) async throws -> Journey? {
        guard var look = try await looks(at: [id]).first else { return nil }
        let records = try await databases.everywhere { try Outbox.events(of: id.uuid, in: $0) }.flatMap(\.self).map {
            event in
            EventTrace.Record(
                id: event.id, type: event.type, source: event.source, time: event.time, causationID: event.causationID)
        }
        // The rows again, if the order went on meanwhile: what they tell must not be behind what the events tell.
        if look.evidence.order.view.settledAt == nil,
            let again = try await looks(at: [id]).first
        {
            look = again
        }
        // What was told before a refund began is no longer where events wait.
        let order = look.evidence.order.view
        let kept = order.settledAt == nil && order.refund == nil ? [] : try await recorded(id)
        let trace = EventTrace(records + kept, look.evidence, graph)
        let judged = try await judge([look])[0]
        return Journey(
            order: look.evidence.order.view,
            reactions: JourneyReplay.reactions(look.evidence, trace, look.troubles, graph),
            steps: trace.steps, states: look.evidence.rows.sorted { $0.key < $1.key }.map { ($0.key, $0.value) },
            money: Self.money(look.evidence), expected: judged.expected, troubles: look.troubles,
            verdict: judged.verdict, isWhole: trace.isWhole, at: judged.at)
    }

    /// What the audit trail has of an order's events; nothing if it is away or not kept: the rows tell then.
    private func recorded(_ id: OrderID) async throws -> [EventTrace.Record] {
        guard let trail else { return [] }
        var filter = AuditFilter()
        filter.correlationID = id.uuid
        let types = Set(graph.events)
        do {
            return try await trail.entries(filter, .oldestFirst, limit: Self.mostEntries).entries.compactMap { logged in
                let entry = logged.entry
                let type = EventType(entry.action)
                guard types.contains(type) else { return nil }
                return EventTrace.Record(
                    id: entry.id, type: type, source: entry.service, time: entry.occurredAt,
                    causationID: entry.causationID)
            }
        } catch is SagaFault {
            return []
        }
    }

    private static func money(_ evidence: SagaEvidence) -> MoneyPlace {
        switch evidence.rows["users"]?.state {
        case "CAPTURED": .captured
        case StepRule.held:
            evidence.payment.map { $0.isAttempted && $0.state == .processing } == true ? .atGateway : .held
        default: .available
        }
    }
}

// MARK: Judging

extension JourneyReader {
    /// What the rows say of an order.
    struct Look: Sendable {
        let evidence: SagaEvidence
        let troubles: [SagaTrouble]
    }

    /// An order with what it waits for.
    struct Judged: Sendable {
        let look: Look
        let expected: [Expectation]
        let verdict: JourneyVerdict
        let at: Timestamp
    }

    /// What the rows say of several orders, in their order; those that do not exist are missing. Of one moment where all services share
    /// a database; else of as many moments as there are databases.
    ///
    /// - Parameter isBrief: of those that are settled nothing but the order and its troubles is read: they wait for nothing, whatever
    ///   the other rows say.
    func looks(at ids: [OrderID], isBrief: Bool = false) async throws -> [Look] {
        var seen = Seen()
        // Whether they are settled is known first.
        let places = databases.places
        for place in places.filter({ $0.has(OrdersParticipant.service) })
            + places.filter({ !$0.has(OrdersParticipant.service) })
        {
            seen.add(
                try await place.database.read { [orders = seen.orders] in
                    try self.rows(of: ids, orders, isBrief: isBrief, at: place, in: $0)
                })
        }
        return ids.compactMap { id in
            seen.orders[id].map { order in
                Look(
                    evidence: SagaEvidence(order, seen.rows[id.uuid] ?? [:], seen.payments[id]),
                    troubles: seen.troubles[id.uuid] ?? [])
            }
        }
    }

    /// What databases have of several orders.
    private struct Seen: Sendable {
        var orders: [OrderID: OrderStanding] = [:]
        var rows: [UUID: [ServiceID: SagaStates.Row]] = [:]
        var payments: [OrderID: PaymentAsking] = [:]
        var troubles: [UUID: [SagaTrouble]] = [:]

        mutating func add(_ other: Seen) {
            orders.merge(other.orders) { $1 }
            payments.merge(other.payments) { $1 }
            for (id, rows) in other.rows { self.rows[id, default: [:]].merge(rows) { $1 } }
            for (id, troubles) in other.troubles { self.troubles[id, default: []] += troubles }
        }
    }

    private func rows(
        of ids: [OrderID], _ known: [OrderID: OrderStanding], isBrief: Bool, at place: ServiceDatabases.Place,
        in transaction: any SQLTransaction
    ) throws -> Seen {
        let isOrders = place.has(OrdersParticipant.service)
        let orders = isOrders ? try OrderQueries(transaction).standings(ids) : known
        let wanted = isBrief ? ids.filter { orders[$0]?.view.settledAt == nil } : ids
        return Seen(
            orders: orders, rows: try states.rows(of: wanted.map(\.uuid), at: place, in: transaction),
            payments: place.has(PaymentsParticipant.service) ? try PaymentQueries(transaction).asking(of: wanted) : [:],
            troubles: try SagaTrouble.of(ids.map(\.uuid), in: transaction))
    }

    func judge(_ looks: [Look]) async throws -> [Judged] {
        let pace = try await pace.value { [databases, states] in
            try await StepPace(of: states, in: databases)
        }
        let standings = try await services.standings()
        let now = clock.now()
        return looks.map { look in
            let expected = look.evidence.expectations(graph, pace)
            let rules = VerdictRules(
                evidence: look.evidence, expectations: expected, troubles: look.troubles, services: standings,
                gateway: gateway, now: now)
            return Judged(look: look, expected: expected, verdict: rules.verdict, at: now)
        }
    }
}
