import SQLCore
import Synchronization

/// Passes everything on and keeps how SQLite goes about each query: so a plan is that of the statement that is really run.
package struct ExplainedTransaction: SQLTransaction {
    /// A step of a plan for each line.
    package final class Plans: Sendable {
        private let lines = Mutex<[String]>([])

        package init() {}

        package var all: [String] { lines.withLock { $0 } }
        fileprivate func add(_ more: [String]) { lines.withLock { $0 += more } }
    }

    private let transaction: any SQLTransaction
    private let plans: Plans

    package init(_ transaction: any SQLTransaction, _ plans: Plans) {
        self.transaction = transaction
        self.plans = plans
    }

    package var dialect: SQLDialect { transaction.dialect }

    package func execute(_ statement: SQLStatement) throws -> Int { try transaction.execute(statement) }

    package func rows(_ statement: SQLStatement) throws -> [SQLRow] {
        let question = SQLStatement("EXPLAIN QUERY PLAN " + statement.text, values: statement.values)
        plans.add(try transaction.rows(question).map { try $0.text("detail") })
        return try transaction.rows(statement)
    }

    package func script(_ sql: String) throws { try transaction.script(sql) }
    package func announce(_ news: any Sendable) { transaction.announce(news) }
}
