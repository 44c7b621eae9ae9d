import PurchaseApp
import SQLCore

/// What became of the orders of a load, from the database.
struct StoredOutcome: Encodable {
    let orders: Int
    let byStatus: [String: Int]
    /// Milliseconds from the order to its end, by the server's clock.
    let p50: Int64
    let p99: Int64
    let longest: Int64

    init(_ database: any SQLDatabase) async throws {
        let (statuses, times) = try await database.read { transaction in
            let statuses = try transaction.rows("SELECT state, COUNT(*) AS n FROM orders_orders GROUP BY state")
                .map { (try $0.text("state"), try $0.int("n")) }
            let times = try transaction.rows(
                """
                SELECT ended_at - ordered_at AS ms FROM orders_orders WHERE ended_at IS NOT NULL
                ORDER BY ended_at - ordered_at
                """
            ).map { try $0.int64("ms") }
            return (statuses, times)
        }
        byStatus = Dictionary(statuses, uniquingKeysWith: +)
        orders = byStatus.values.reduce(0, +)
        func percentile(_ share: Double) -> Int64 {
            times.isEmpty ? 0 : times[min(times.count - 1, Int(Double(times.count) * share))]
        }
        p50 = percentile(0.5)
        p99 = percentile(0.99)
        longest = times.last ?? 0
    }
}
