import SQLCore

/// A transaction on one connection; useless after ``end()``, so a handle that escaped cannot do harm.
final class PostgresTransaction: SQLTransaction {
    let dialect = SQLDialect.postgres
    let origin: Int64?
    private var open: PostgresConnection?
    let isReadOnly: Bool
    private(set) var news: [any Sendable] = []

    init(_ connection: PostgresConnection, origin: Int64? = nil, isReadOnly: Bool) {
        open = connection
        self.origin = origin
        self.isReadOnly = isReadOnly
    }

    func end() { open = nil }

    @discardableResult
    func execute(_ statement: SQLStatement) throws -> Int {
        guard !isReadOnly else { throw SQLError(.misuse, "a write in a read-only transaction") }
        return try connection().run(statement).affected
    }

    func rows(_ statement: SQLStatement) throws -> [SQLRow] { try connection().run(statement).rows }

    @discardableResult
    func execute(all statements: [SQLStatement]) throws -> Int {
        guard !isReadOnly else { throw SQLError(.misuse, "a write in a read-only transaction") }
        return try connection().run(all: statements).affected
    }

    func rows(all statements: [SQLStatement]) throws -> [SQLRow] { try connection().run(all: statements).rows }

    func script(_ sql: String) throws {
        guard !isReadOnly else { throw SQLError(.misuse, "a write in a read-only transaction") }
        try connection().script(sql)
    }

    func announce(_ news: any Sendable) { self.news.append(news) }

    func connection() throws -> PostgresConnection {
        guard let open else {
            throw SQLError(
                .misuse, "the transaction has ended; use its handle only inside the closure that received it")
        }
        return open
    }
}
