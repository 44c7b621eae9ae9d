/// How a database is used, beside where it is.
public struct PostgresSettings: Sendable {
    /// Connections at the same time, at most; each is opened when it is first needed.
    public var poolSize: Int
    /// How long a transaction waits for a connection before it is refused as unavailable.
    public var acquireTimeout: Duration
    /// How long one attempt to connect may take.
    public var connectTimeout: Duration
    /// How long one statement may take; the server ends it then.
    public var statementTimeout: Duration
    /// How long a statement waits for another transaction's lock.
    public var lockTimeout: Duration
    /// The schemas in which names are looked up, in this order. Lower-case letters, digits and `_`.
    public var searchPath: [String]
    /// What `pg_stat_activity` shows.
    public var applicationName: String
    /// Whether tables are read as a whole only where no index will do. A prepared statement keeps its plan; one that was made while a
    /// table was empty reads the whole of it from then on, until the server next looks at how large the table is. Changes keep their
    /// plans from the first time on.
    public var prefersIndexes: Bool

    /// Takes what its properties say.
    public init(
        poolSize: Int = 10, acquireTimeout: Duration = .seconds(10), connectTimeout: Duration = .seconds(5),
        statementTimeout: Duration = .seconds(30), lockTimeout: Duration = .seconds(10),
        searchPath: [String] = ["public"], applicationName: String = "purchase",
        prefersIndexes: Bool = false
    ) {
        self.poolSize = poolSize
        self.acquireTimeout = acquireTimeout
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.searchPath = searchPath
        self.applicationName = applicationName
        self.prefersIndexes = prefersIndexes
    }

    /// What the server is told for the length of a session.
    var sessionOptions: String {
        precondition(
            searchPath.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy(Self.isNameByte) }, "a schema name is not plain")
        var settings = [
            "statement_timeout=\(statementTimeout.wholeMilliseconds)",
            "lock_timeout=\(lockTimeout.wholeMilliseconds)",
            // Nobody holds locks while it does something else: a session that stops in the middle is ended.
            "idle_in_transaction_session_timeout=\((statementTimeout * 2).wholeMilliseconds)",
            "search_path=\(searchPath.joined(separator: ","))",
            // Statements are short: compiling one takes longer than running it.
            "jit=off",
            "synchronous_commit=on", "timezone=UTC", "client_encoding=UTF8",
        ]
        // A change of one row would be planned anew each time, which takes longer than it does: its plan would cost less than the one
        // that is kept, which is for ten.
        if prefersIndexes { settings += ["enable_seqscan=off", "plan_cache_mode=force_generic_plan"] }
        return settings.map { "-c \($0)" }.joined(separator: " ")
    }

    /// What a transaction that reads is begun with: lists and searches are planned for the values that are asked for.
    static let readSettings = ["SET LOCAL plan_cache_mode = auto"]

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "_") || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }
}

extension Duration {
    var wholeMilliseconds: Int64 {
        components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
    }
}
