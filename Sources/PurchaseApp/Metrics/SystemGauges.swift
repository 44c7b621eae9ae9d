import Foundation
import SQLCore
import SagaChoreography
import SagaSQL

/// What the database says of the system at the moment somebody asks, and what the operating system says of the process.
struct SystemGauges: Sendable {
    let database: any SQLDatabase
    let participants: [SQLParticipant]
    let clock: any SagaClock
    let started: Timestamp

    /// - Throws: ``SQLError``.
    func write(to text: inout PrometheusText) async throws {
        let now = clock.now()
        let participants = participants
        let reading = try await database.read { transaction in
            (
                queues: try EngineChecks.queues(participants, in: transaction),
                oldest: try EngineChecks.oldestUnacknowledged(participants, in: transaction),
                orders: try transaction.rows(
                    "SELECT status, COUNT(*) AS n FROM orders_orders WHERE NOT settled GROUP BY status ORDER BY status"
                ).map { (status: try $0.text("status"), count: try $0.int64("n")) }
            )
        }
        for order in reading.orders {
            text.add(.gauge, .init("purchase_orders_open", [("status", order.status)]), Double(order.count))
        }
        let age = reading.oldest.map { max(0, Double((now - $0).wholeMilliseconds) / 1000) } ?? 0
        let gauges: [(String, Double)] = [
            ("purchase_notifications_pending", Double(reading.queues.notifications)),
            ("saga_outbox_events", Double(reading.queues.outbox)),
            ("saga_outbox_oldest_age_seconds", age),
            ("saga_unacknowledged_events", Double(reading.queues.unacknowledged)),
            ("saga_retries", Double(reading.queues.retries)),
            ("saga_parked", Double(reading.queues.parked)),
            ("saga_inbox_events", Double(reading.queues.inbox)),
            ("process_start_time_seconds", Double(started.milliseconds) / 1000),
        ]
        for (name, value) in gauges { text.add(.gauge, .init(name, []), value) }
        if let memory = Self.residentMemory { text.add(.gauge, .init("process_resident_memory_bytes", []), memory) }
        text.add(.gauge, .init("purchase_info", [("version", PurchaseServer.version)]), 1)
    }

    /// In bytes; `nil` where the system has no /proc.
    private static var residentMemory: Double? {
        guard let line = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return nil }
        let fields = line.split(separator: " ")
        guard fields.count > 1, let pages = Double(fields[1]) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
