import FoundationEssentials
import PurchaseContracts
import SQLCore
import SQLiteAdapter
import SagaChoreography
import Testing

@testable import Orders

/// However many orders are stored, lists find theirs by an index.
@Suite struct `The lists of orders that operators look at` {
    @Test(arguments: [
        "SELECT subject FROM orders_orders WHERE NOT settled ORDER BY deadline, subject LIMIT 500",
        """
        SELECT subject FROM orders_orders
        WHERE NOT settled AND deadline >= 5 AND (deadline > 5 OR subject > x'00')
        ORDER BY deadline, subject LIMIT 500
        """,
    ])
    func `find open orders by their deadline, without sorting`(statement: String) async throws {
        let database = try SQLiteDatabase.inMemory()
        try await Migrator(OrdersMigrations.sqlite).migrate(database, now: 0)
        let plan = try await database.read { transaction in
            try transaction.rows(SQLStatement("EXPLAIN QUERY PLAN " + statement)).map { try $0.text("detail") }
        }
        #expect(plan.count == 1 && plan[0].contains("USING INDEX orders_orders_by_deadline"), "\(plan)")
    }
}
