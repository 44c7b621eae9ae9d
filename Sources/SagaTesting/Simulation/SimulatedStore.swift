import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import Synchronization

/// The database of a simulated system: real SQLite in memory, one transaction at a time. Processes reach it through
/// ``SimulatedDatabase``, which is where things go wrong.
public final class SimulatedStore: Sendable {
    /// The database itself, without faults: for setting up and for checks.
    public let database: InlineSQLiteDatabase
    let simulation: Simulation
    /// Changes a statement before it runs, or leaves it out (`nil`): for mistakes planted on purpose.
    let filter: (@Sendable (SQLStatement) -> SQLStatement?)?
    /// In a structure, because a closure that goes in and out of a generic container gets another wrapping each time.
    private struct Listener {
        var tell: @Sendable (Commit) -> Void = { _ in }
    }

    private let listener = Mutex(Listener())

    /// What a commit was.
    public struct Commit: Sendable {
        /// Whose it was; `nil`: from outside, by ``SimulatedStore/write(_:)``.
        public let life: ProcessLife?
        /// Whether the outbox may have got new rows.
        public let hasEvents: Bool
    }

    /// A store on a migrated database.
    public init(
        _ database: InlineSQLiteDatabase, in simulation: Simulation,
        filter: (@Sendable (SQLStatement) -> SQLStatement?)? = nil
    ) {
        self.database = database
        self.simulation = simulation
        self.filter = filter
    }

    /// Calls `body` after each commit, before anything else can happen.
    public func afterCommit(_ body: @escaping @Sendable (Commit) -> Void) { listener.withLock { $0.tell = body } }

    /// Where in a transaction something goes wrong, and how.
    struct Injury {
        /// The statement that fails; counted from 1.
        let statement: Int
        /// Whether it takes effect before it fails (and is rolled back then).
        let isLate: Bool
        let error: SQLError
    }

    func commit<Result>(
        of life: ProcessLife?, injury: Injury?, isLost: Bool, isUnknown: Bool = false,
        _ body: (any SQLTransaction) throws -> Result
    ) throws -> Result {
        let (result, transaction) = try database.writeNow { base in
            let transaction = SimulatedTransaction(base, origin: life?.origin, injury: injury, filter: filter)
            let result = try body(transaction)
            if isLost { throw SQLError(.unavailable, "injected: the commit failed") }
            return (result, transaction)
        }
        simulation.trace { $0.mix(transaction.trace.value) }
        life?.hear(isUnknown ? .uncertain : .committed(transaction.news))
        let listener = listener.withLock { $0 }
        listener.tell(Commit(life: life, hasEvents: transaction.hasEvents))
        return result
    }

    /// Writes from outside the system, without faults.
    ///
    /// - Throws: what `body` throws, ``SQLError``.
    @discardableResult
    public func write<Result>(_ body: (any SQLTransaction) throws -> Result) throws -> Result {
        try commit(of: nil, injury: nil, isLost: false, body)
    }

    /// Reads from outside the system, without faults.
    ///
    /// - Throws: what `body` throws, ``SQLError``.
    public func read<Result>(_ body: (any SQLTransaction) throws -> Result) throws -> Result {
        try database.readNow(body)
    }
}

/// A transaction that notes what it is asked, and may be injured.
final class SimulatedTransaction: SQLTransaction {
    private let base: any SQLTransaction
    private let injury: SimulatedStore.Injury?
    private let filter: (@Sendable (SQLStatement) -> SQLStatement?)?
    private var statements = 0
    private(set) var trace = TraceHash()
    private(set) var hasEvents = false
    private(set) var news: [any Sendable] = []

    var dialect: SQLDialect { base.dialect }
    let origin: Int64?

    init(
        _ base: any SQLTransaction, origin: Int64?, injury: SimulatedStore.Injury?,
        filter: (@Sendable (SQLStatement) -> SQLStatement?)?
    ) {
        self.base = base
        self.origin = origin
        self.injury = injury
        self.filter = filter
    }

    func execute(_ statement: SQLStatement) throws -> Int {
        try run(statement, ifLeftOut: 1) { try base.execute($0) }
    }

    func rows(_ statement: SQLStatement) throws -> [SQLRow] {
        try run(statement, ifLeftOut: []) { try base.rows($0) }
    }

    func script(_ sql: String) throws { try base.script(sql) }

    /// With a filter, what is announced may not be what was written: then only the wish to look again is passed on.
    func announce(_ news: any Sendable) {
        if filter == nil || news is Outbox.Requeued { self.news.append(news) }
    }

    private func run<Result>(
        _ asked: SQLStatement, ifLeftOut nothing: Result, _ body: (SQLStatement) throws -> Result
    ) throws -> Result {
        guard let statement = filter == nil ? asked : filter?(asked) else { return nothing }
        statements += 1
        trace.mix(statement)
        if !hasEvents, statement.text.hasPrefix("INSERT INTO saga_outbox") { hasEvents = true }
        guard let injury, injury.statement == statements else { return try body(statement) }
        if injury.isLate { _ = try body(statement) }
        throw injury.error
    }
}
