import Logging
import Notifications
import Orders
import PostgresAdapter
import SQLCore
import SagaChoreography
import SagaSQL

/// What database and bus say of the system when somebody asks. What cannot be read is left out, and said to be so: a zero would
/// look like a system at rest.
struct SystemGauges: Sendable {
    /// All of one moment.
    private struct DatabaseReading: Sendable {
        /// Ages are those of then: what is old may be gone by now.
        let at: Timestamp
        let engine: EngineReading
        /// `nil` in a process that may not look at the orders.
        let orders: [OrderState: OpenOrders]?
        let notifications: Int64?

        func joined(by other: DatabaseReading) -> DatabaseReading {
            DatabaseReading(
                at: min(at, other.at), engine: engine.joined(by: other.engine), orders: orders ?? other.orders,
                notifications: notifications ?? other.notifications)
        }
    }

    private let database: Reading<DatabaseReading>
    private let lag: Reading<[ServiceID: Int]>
    private let pools: [PostgresDatabase]
    private let books: [RelayBook]
    private let clock: any SagaClock

    /// - Parameters:
    ///   - books: what this process has yet to send, by database; none: the outbox is the transport.
    ///   - services: whose tables this process may look at.
    ///   - bus: tells how far each consumer is behind.
    init(
        _ databases: ServiceDatabases, bus: EventBus, books: [RelayBook], services: ServiceChoice,
        participants: [SQLParticipant],
        clock: any SagaClock, logger: Logger
    ) {
        let isRelayed = bus.relay != nil
        database = Reading(of: "database", logger: logger) {
            var readings: [DatabaseReading] = []
            for place in databases.places {
                func sees(_ service: ServiceID) -> Bool { services.sees(service) && place.has(service) }
                let (hasOrders, tells) = (
                    sees(OrdersParticipant.service), sees(NotificationsParticipant.service)
                )
                readings.append(
                    try await place.database.read { transaction in
                        DatabaseReading(
                            at: clock.now(),
                            engine: try EngineReading(participants, isRelayed: isRelayed, in: transaction),
                            orders: hasOrders ? try OrderQueries(transaction).open() : nil,
                            notifications: tells ? try EngineChecks.pendingNotifications(in: transaction) : nil)
                    })
            }
            return readings.dropFirst().reduce(readings[0]) { $0.joined(by: $1) }
        }
        lag = Reading(of: "bus", logger: logger, bus.lag)
        pools = databases.places.compactMap { $0.database as? PostgresDatabase }
        self.books = books
        self.clock = clock
    }

    func write(to text: inout PrometheusText) async {
        async let database = database.value()
        async let lag = lag.value()
        let reading = await (database: database, lag: lag)
        let readable = [("bus", reading.lag != nil), ("database", reading.database != nil)]
        for (source, isReadable) in readable {
            text.add(.gauge, .init("purchase_gauges_readable", [("source", source)]), isReadable ? 1 : 0)
        }
        if let reading = reading.database { write(reading, to: &text) }
        if let lag = reading.lag { write("saga_consumer_lag_events", lag.mapValues(Int64.init), to: &text) }
        if !pools.isEmpty { write(pools.map(\.use), to: &text) }
        let unsent = books.map(\.backlog)
        text.add(.gauge, .init("saga_outbox_unsent_events", []), Double(unsent.reduce(0) { $0 + $1.count }))
        text.add(
            .gauge, .init("saga_outbox_refused_events", []), Double(books.reduce(0) { $0 + $1.refusedCount }))
        text.add(
            .gauge, .init("saga_outbox_unsent_oldest_age_seconds", []),
            Self.age(unsent.compactMap(\.since).min(), at: clock.now()))
    }

    private func write(_ reading: DatabaseReading, to text: inout PrometheusText) {
        let now = reading.at
        if let orders = reading.orders {
            for state in OrderState.allCases {
                text.add(
                    .gauge, .init("purchase_orders_open", [("status", state.rawValue)]),
                    Double(orders[state]?.count ?? 0))
            }
            text.add(
                .gauge, .init("purchase_orders_oldest_open_age_seconds", []),
                Self.age(orders.values.map(\.oldest).min(), at: now))
        }
        if let pending = reading.notifications {
            text.add(.gauge, .init("purchase_notifications_pending", []), Double(pending))
        }
        let engine = reading.engine
        let gauges: [(String, Double)] = [
            ("saga_outbox_events", Double(engine.outbox)),
            ("saga_outbox_oldest_age_seconds", Self.age(engine.oldest, at: now)),
            ("saga_inbox_events", Double(engine.inbox)),
        ]
        for (name, value) in gauges { text.add(.gauge, .init(name, []), value) }
        write("saga_retries", engine.retries, to: &text)
        write("saga_parked", engine.parked, to: &text)
    }

    private func write(_ name: String, _ counts: [ServiceID: Int64], to text: inout PrometheusText) {
        for (consumer, count) in counts.sorted(by: { $0.key < $1.key }) {
            text.add(.gauge, .init(name, [("consumer", consumer.name)]), Double(count))
        }
    }

    private func write(_ pools: [PostgresPoolUse], to text: inout PrometheusText) {
        text.add(.gauge, .init("purchase_database_connections_in_use", []), Double(pools.reduce(0) { $0 + $1.busy }))
        text.add(.gauge, .init("purchase_database_connections_limit", []), Double(pools.reduce(0) { $0 + $1.limit }))
        text.add(
            .gauge, .init("purchase_database_waiting_transactions", []), Double(pools.reduce(0) { $0 + $1.waiting }))
        text.add(.counter, .init("purchase_database_waits_total", []), Double(pools.reduce(0) { $0 + $1.waits }))
        text.add(.counter, .init("purchase_database_refusals_total", []), Double(pools.reduce(0) { $0 + $1.refusals }))
        text.add(
            .counter, .init("purchase_database_wait_seconds_total", []),
            pools.reduce(Duration.zero) { $0 + $1.waited } / .seconds(1))
    }

    /// In seconds; 0 if there is nothing.
    private static func age(_ oldest: Timestamp?, at now: Timestamp) -> Double {
        oldest.map { max(0, Double((now - $0).wholeMilliseconds) / 1000) } ?? 0
    }
}
