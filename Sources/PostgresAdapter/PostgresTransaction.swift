import SQLCore

/// A transaction on one connection; useless after ``end()``, so a handle that escaped cannot do harm.
final class PostgresTransaction: SQLTransaction {
    let dialect = SQLDialect.postgres
    let origin: Int64?
    private var open: PostgresConnection?
    let isReadOnly: Bool
    private(set) var news: [any Sendable] = []
    /// Readings that were asked, and changes to whose answers nobody waits: sent with what comes next.
    private var waiting: [PipelinedStatement] = []
    /// Their values wait in memory until they are sent.
    private static let mostWaiting = 12

    init(_ connection: PostgresConnection, origin: Int64? = nil, isReadOnly: Bool) {
        open = connection
        self.origin = origin
        self.isReadOnly = isReadOnly
    }

    func end() {
        open = nil
        // What was never sent may hold on to this transaction.
        waiting = []
    }

    /// Sends what waits, and COMMIT with it.
    ///
    /// - Throws: ``SQLError``; what was expected of a change that waited.
    func commit() throws { try connection().commit(after: takeWaiting()) }

    @discardableResult
    func execute(_ statement: SQLStatement) throws -> Int { try execute(all: [statement]) }

    func rows(_ statement: SQLStatement) throws -> [SQLRow] { try rows(all: [statement]) }

    @discardableResult
    func execute(all statements: [SQLStatement]) throws -> Int {
        guard !isReadOnly else { throw SQLError(.misuse, "a write in a read-only transaction") }
        return try run(statements).affected
    }

    func rows(all statements: [SQLStatement]) throws -> [SQLRow] { try run(statements).rows }

    func asking(_ readings: [SQLStatement]) throws -> PendingRows {
        let pending = PendingRows(of: readings.count) { [weak self] in
            guard let self else { return }
            try connection().run(takeWaiting())
        }
        for reading in readings { try wait(PipelinedStatement(reading) { rows, _ in pending.take(rows) }) }
        return pending
    }

    func later(_ change: SQLStatement, changing expected: ExpectedChanges?) throws {
        try later(expected.map { PipelinedStatement(change, changing: $0) } ?? PipelinedStatement(change))
    }

    func later(_ change: SQLStatement, _ body: @escaping ([SQLRow]) throws -> Void) throws {
        try later(PipelinedStatement(change) { rows, _ in try body(rows) })
    }

    private func later(_ statement: PipelinedStatement) throws {
        guard !isReadOnly else { throw SQLError(.misuse, "a write in a read-only transaction") }
        try wait(statement)
    }

    private func wait(_ statement: PipelinedStatement) throws {
        waiting.append(statement)
        if waiting.count >= Self.mostWaiting { try connection().run(takeWaiting()) }
    }

    private func takeWaiting() -> [PipelinedStatement] {
        defer { waiting = [] }
        return waiting
    }

    /// Runs statements behind those that wait, and gives the answers to these alone.
    private func run(_ statements: [SQLStatement]) throws -> (rows: [SQLRow], affected: Int) {
        var rows: [SQLRow] = []
        var affected = 0
        let asked = statements.map { statement in
            PipelinedStatement(statement) { found, count in
                rows += found
                affected += count
            }
        }
        try connection().run(takeWaiting() + asked)
        return (rows, affected)
    }

    func script(_ sql: String) throws {
        guard !isReadOnly else { throw SQLError(.misuse, "a write in a read-only transaction") }
        try connection().run(takeWaiting())
        try connection().script(sql)
    }

    /// Sends data to a COPY … FROM STDIN.
    func copy(_ data: [UInt8], _ sql: String) throws {
        try connection().run(takeWaiting())
        try connection().copy(data, sql)
    }

    func announce(_ news: any Sendable) { self.news.append(news) }

    private func connection() throws -> PostgresConnection {
        guard let open else {
            throw SQLError(
                .misuse, "the transaction has ended; use its handle only inside the closure that received it")
        }
        return open
    }
}
