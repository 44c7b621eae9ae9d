import SQLCore
import Synchronization

/// Passes everything on and keeps how SQLite goes about each query: so a plan is that of the statement that is really run.
struct ExplainedTransaction: SQLTransaction {
    /// A step of a plan for each line.
    final class Plans: Sendable {
        private let lines = Mutex<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ more: [String]) { lines.withLock { $0 += more } }
    }

    let transaction: any SQLTransaction
    let plans: Plans

    var dialect: SQLDialect { transaction.dialect }

    func execute(_ statement: SQLStatement) throws -> Int { try transaction.execute(statement) }

    func rows(_ statement: SQLStatement) throws -> [SQLRow] {
        let question = SQLStatement("EXPLAIN QUERY PLAN " + statement.text, values: statement.values)
        plans.add(try transaction.rows(question).map { try $0.text("detail") })
        return try transaction.rows(statement)
    }

    func script(_ sql: String) throws { try transaction.script(sql) }
    func announce(_ news: any Sendable) { transaction.announce(news) }
}
