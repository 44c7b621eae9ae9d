import Orders
import SQLCore
import SagaChoreography
import SagaSQL

/// What the database says of the system at the moment somebody asks.
struct SystemGauges: Sendable {
    let database: any SQLDatabase
    let participants: [SQLParticipant]
    let clock: any SagaClock

    /// All of one moment, or nothing: half a reading would look like a system at rest.
    ///
    /// - Throws: ``SQLError``.
    func write(to text: inout PrometheusText) async throws {
        let participants = participants
        let reading = try await database.read { transaction in
            (
                queues: try EngineChecks.queues(participants, in: transaction),
                oldest: try EngineChecks.oldestUnacknowledged(participants, in: transaction),
                orders: try OrderQueries(transaction).open()
            )
        }
        let now = clock.now()
        for state in OrderState.allCases {
            text.add(
                .gauge, .init("purchase_orders_open", [("status", state.rawValue)]),
                Double(reading.orders[state]?.count ?? 0))
        }
        let gauges: [(String, Double)] = [
            ("purchase_orders_oldest_open_age_seconds", Self.age(reading.orders.values.map(\.oldest).min(), at: now)),
            ("purchase_notifications_pending", Double(reading.queues.notifications)),
            ("saga_outbox_events", Double(reading.queues.outbox)),
            ("saga_outbox_oldest_age_seconds", Self.age(reading.oldest, at: now)),
            ("saga_unacknowledged_events", Double(reading.queues.unacknowledged)),
            ("saga_retries", Double(reading.queues.retries)),
            ("saga_parked", Double(reading.queues.parked)),
            ("saga_inbox_events", Double(reading.queues.inbox)),
        ]
        for (name, value) in gauges { text.add(.gauge, .init(name, []), value) }
    }

    /// In seconds; 0 if there is nothing.
    private static func age(_ oldest: Timestamp?, at now: Timestamp) -> Double {
        oldest.map { max(0, Double((now - $0).wholeMilliseconds) / 1000) } ?? 0
    }
}
