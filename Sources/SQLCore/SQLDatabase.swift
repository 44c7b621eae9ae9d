/// A database that runs whole transactions.
public protocol SQLDatabase: Sendable {
    var dialect: SQLDialect { get }

    /// A number that tells this object's transactions from those of all others on the same tables; `nil` if nobody asks.
    var origin: Int64? { get }

    /// Runs `body` in one transaction and commits it; a thrown error rolls all of it back.
    ///
    /// The call returns after the commit is durable. Concurrent calls may share one commit (group commit), each isolated
    /// from the failures of the others. `body` may therefore run more than once; only what its last run did is kept.
    ///
    /// - Throws: what `body` throws, or ``SQLError``.
    @discardableResult
    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result

    /// Runs `body` on one consistent snapshot that sees every commit before the call.
    ///
    /// - Throws: what `body` throws, or ``SQLError`` (`.misuse` if it tries to write).
    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result

    /// Hears what transactions of this database object announce, for as long as it lives: in the order of the commits, and
    /// before their ``write(_:)`` returns. The listener must be quick and may not use the database.
    func listen(_ listener: @escaping @Sendable (CommitNews) -> Void)
}

/// What listeners of a database hear of a commit.
public enum CommitNews: Sendable {
    /// It is durable; this is what its transactions announced, in order.
    case committed([any Sendable])
    /// Nobody knows whether it is durable: what was learnt from announcements before may be incomplete.
    case uncertain
}

/// An open transaction. Not `Sendable`, and refused after its end: use it only inside the closure that received it.
public protocol SQLTransaction {
    var dialect: SQLDialect { get }

    /// That of the database object whose transaction this is.
    var origin: Int64? { get }

    /// Runs a statement that returns no rows.
    ///
    /// - Returns: how many rows it inserted, changed or deleted.
    /// - Throws: ``SQLError``.
    @discardableResult
    func execute(_ statement: SQLStatement) throws -> Int

    /// Runs a query, or a change with RETURNING.
    ///
    /// - Throws: ``SQLError``.
    func rows(_ statement: SQLStatement) throws -> [SQLRow]

    /// As ``execute(_:)`` for several statements in order, none of which needs another's answer.
    ///
    /// - Returns: how many rows all of them inserted, changed or deleted.
    /// - Throws: ``SQLError`` of the first that failed.
    @discardableResult
    func execute(all statements: [SQLStatement]) throws -> Int

    /// As ``rows(_:)`` for several statements in order, none of which needs another's answer.
    ///
    /// - Returns: the rows of all of them.
    /// - Throws: ``SQLError`` of the first that failed.
    func rows(all statements: [SQLStatement]) throws -> [SQLRow]

    /// Asks without waiting: several readings, or changes with RETURNING, of which none needs another's answer are one way to the
    /// database and back. They are run in the order in which they were asked, after every change before them, at the latest when the first
    /// answer is waited for.
    ///
    /// - Throws: ``SQLError``, now or when an answer is waited for.
    func asking(_ readings: [SQLStatement]) throws -> PendingRows

    /// Runs a change to whose answer nobody waits: together with what comes next, or with the commit. Whatever comes after it sees it.
    ///
    /// - Parameter expected: how many rows it must change; `nil`: any number.
    /// - Throws: ``SQLError``, now or later, up to the commit; what `expected` says if it changed another number of rows. Nothing of the
    ///   transaction exists then.
    func later(_ change: SQLStatement, changing expected: ExpectedChanges?) throws

    /// As ``later(_:changing:)`` for a change with RETURNING.
    ///
    /// - Parameter body: gets the rows, before the listeners hear what was announced. It may announce, and not use the transaction.
    func later(_ change: SQLStatement, _ body: @escaping ([SQLRow]) throws -> Void) throws

    /// Runs several statements separated by semicolons, without values: migrations.
    ///
    /// - Throws: ``SQLError``.
    func script(_ sql: String) throws

    /// Hands `news` to the database's listeners once this transaction is durable; if it rolls back, nobody hears of it.
    func announce(_ news: any Sendable)
}

extension SQLDatabase {
    /// Nobody asks.
    public var origin: Int64? { nil }
}

extension SQLTransaction {
    /// Nobody asks.
    public var origin: Int64? { nil }

    /// One after the other.
    @discardableResult
    public func execute(all statements: [SQLStatement]) throws -> Int {
        try statements.reduce(0) { try $0 + execute($1) }
    }

    /// One after the other.
    public func rows(all statements: [SQLStatement]) throws -> [SQLRow] { try statements.flatMap { try rows($0) } }

    /// At once.
    public func asking(_ readings: [SQLStatement]) throws -> PendingRows { PendingRows(try rows(all: readings)) }

    /// At once.
    public func later(_ change: SQLStatement, changing expected: ExpectedChanges?) throws {
        try expected.check(execute(change))
    }

    /// At once.
    public func later(_ change: SQLStatement, _ body: @escaping ([SQLRow]) throws -> Void) throws {
        try body(rows(change))
    }

    /// The first row, if there is one.
    public func first(_ statement: SQLStatement) throws -> SQLRow? { try rows(statement).first }

    /// Runs a guarded change and says whether it took effect on exactly one row.
    public func changesOne(_ statement: SQLStatement) throws -> Bool { try execute(statement) == 1 }
}

/// How many rows a change must change, and what it means if it does not.
public struct ExpectedChanges {
    /// So many rows.
    public let count: Int
    /// What is thrown for any other number.
    public let failure: any Error

    /// Exactly `count` rows, else `failure`.
    public init(_ count: Int, else failure: any Error) {
        self.count = count
        self.failure = failure
    }
}

extension ExpectedChanges? {
    /// - Throws: what is expected to be thrown for another number.
    func check(_ changed: Int) throws {
        if let self, changed != self.count { throw self.failure }
    }
}

/// Where SQLite and PostgreSQL part.
public enum SQLDialect: Sendable {
    case sqlite
    case postgres

    /// The suffix of a SELECT whose rows the same statement is about to change: those that another transaction is changing are left
    /// out. SQLite has one writer and needs none.
    public var skipLocked: StaticString {
        switch self {
        case .sqlite: ""
        case .postgres: " FOR UPDATE SKIP LOCKED"
        }
    }

    /// Begins a condition on a column, `WHERE id \(fixed: dialect.isOne) SELECT … LIMIT \(few)\(fixed: dialect.ofThose)`: it is one of few that
    /// are selected. For PostgreSQL they are an array, looked up one by one: it would take a bound limit for a tenth of the table, and read all
    /// of the table for that.
    public var isOne: StaticString {
        switch self {
        case .sqlite: "IN ("
        case .postgres: "= ANY (ARRAY("
        }
    }

    /// Ends what ``isOne`` began; the selected rows are locked, those that another transaction is changing left out.
    public var ofThose: StaticString {
        switch self {
        case .sqlite: ")"
        case .postgres: " FOR UPDATE SKIP LOCKED))"
        }
    }
}
