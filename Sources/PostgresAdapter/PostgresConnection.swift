import CPostgres
import Foundation
import SQLCore

/// One connection. Every call blocks: it is used from one thread at a time, its lane's, see ``PostgresPool``.
///
/// `@unchecked Sendable`: made, used and ended on its lane's queue only.
final class PostgresConnection: @unchecked Sendable {
    let endpoint: PostgresEndpoint
    private let raw: OpaquePointer
    private let answerTimeout: Duration
    private var prepared: [String: PreparedStatement] = [:]
    /// BEGIN and COMMIT as the server keeps them, each under its text for a name.
    private var controls: Set<String> = []
    private var named = 0
    /// What is still to be sent with the first statement, BEGIN first: it needs no round trip of its own.
    private var beginning: [String]?
    private(set) var isInTransaction = false
    /// Whether COMMIT was sent, or may have been: what was begun before is undone for certain if the connection is lost until then.
    private(set) var isCommitSent = false
    private(set) var isUsable = true

    /// So many statements are kept prepared; programs have few texts, and each is fixed.
    private static let mostPrepared = 1024

    /// - Throws: ``SQLError`` `.unavailable` with the server's reason.
    init(_ endpoint: PostgresEndpoint, _ settings: PostgresSettings) throws {
        self.endpoint = endpoint
        // A server that is stopped, not gone, answers nothing; the client has to lose patience by itself.
        answerTimeout = settings.statementTimeout + settings.lockTimeout + .seconds(5)
        var keywords = endpoint.keywords
        keywords += [
            ("application_name", settings.applicationName), ("options", settings.sessionOptions),
            ("connect_timeout", String(max(1, settings.connectTimeout.components.seconds))),
            ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
            ("tcp_user_timeout", "15000"),
        ]
        let opened = Self.connect(keywords)
        guard let opened, PQstatus(opened) == CONNECTION_OK else {
            defer { PQfinish(opened) }
            throw SQLError.connection(opened, endpoint)
        }
        raw = opened
        // Notices are for people at a terminal.
        PQsetNoticeProcessor(raw, { _, _ in }, nil)
    }

    deinit { PQfinish(raw) }

    private static func connect(_ keywords: [(String, String)]) -> OpaquePointer? {
        let names = keywords.map { strdup($0.0) }
        let values = keywords.map { strdup($0.1) }
        defer { for pointer in names + values { free(pointer) } }
        let namePointers = names.map { UnsafePointer($0) } + [nil]
        let valuePointers = values.map { UnsafePointer($0) } + [nil]
        return PQconnectdbParams(namePointers, valuePointers, 0)
    }

    // MARK: Transactions

    /// Begins a transaction, together with its first statement.
    ///
    /// - Parameter settings: `SET LOCAL …`, for this transaction.
    func begin(_ statement: String, _ settings: [String] = []) {
        beginning = [statement] + settings
        isInTransaction = true
        isCommitSent = false
    }

    private func sendBeginning() throws {
        guard let beginning else { return }
        self.beginning = nil
        for statement in beginning { try control(statement) }
    }

    /// Runs statements and commits, in one round trip as far as they fit into it.
    ///
    /// - Throws: what they throw, or ``SQLError``; `.unavailable` if nobody knows whether it is committed. A connection that is
    ///   usable then has no open transaction.
    func commit(after statements: [PipelinedStatement] = []) throws {
        defer { isInTransaction = false }
        if statements.isEmpty, beginning != nil {
            beginning = nil
            return
        }
        var isRefused = false
        do {
            try run(statements.dropLast(Self.longestPipeline))
            try run(statements.suffix(Self.longestPipeline), thenCommit: true) { isRefused = true }
        } catch {
            guard beginning == nil else {
                // A value did not fit: nothing was sent.
                beginning = nil
                throw error
            }
            // The server skips what stands behind a failed statement, also the COMMIT.
            if isUsable, PQtransactionStatus(raw) != PQTRANS_IDLE {
                rollback()
            } else if !isRefused {
                // It is committed, and what it answered was not understood: as if the answer had been lost.
                isUsable = false
            }
            throw error
        }
    }

    /// Undoes the open transaction; a connection on which that fails is not used again.
    func rollback() {
        defer { isInTransaction = false }
        guard beginning == nil else {
            beginning = nil
            return
        }
        guard isUsable else { return }
        do { try control("ROLLBACK") } catch { isUsable = false }
    }

    /// - Throws: ``SQLError``.
    func control(_ sql: String) throws {
        guard PQsendQuery(raw, sql) == 1 else { throw lost() }
        try finish { _ in }
    }

    /// Sends `data` to a COPY … FROM STDIN.
    ///
    /// - Throws: ``SQLError``.
    func copy(_ data: [UInt8], _ sql: String) throws {
        try sendBeginning()
        guard PQsendQuery(raw, sql) == 1 else { throw lost() }
        try awaitAnswer()
        guard let started = PQgetResult(raw) else { throw lost() }
        defer { PQclear(started) }
        guard PQresultStatus(started) == PGRES_COPY_IN else {
            let error = PQstatus(raw) == CONNECTION_OK ? SQLError(result: started) : lost()
            try finish { _ in }
            throw error
        }
        let isTaken = data.withUnsafeBytes { bytes in
            bytes.isEmpty
                || PQputCopyData(raw, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(bytes.count)) == 1
        }
        guard isTaken, PQputCopyEnd(raw, nil) == 1 else { throw lost() }
        try finish { _ in }
    }

    /// Runs several statements without values.
    ///
    /// - Throws: ``SQLError``.
    func script(_ sql: String) throws {
        try sendBeginning()
        try control(sql)
    }

    // MARK: Statements

    /// - Returns: the rows, and how many were inserted, changed, deleted or selected.
    /// - Throws: ``SQLError``.
    func run(_ statement: SQLStatement) throws -> (rows: [SQLRow], affected: Int) {
        var answer: (rows: [SQLRow], affected: Int) = ([], 0)
        try run([PipelinedStatement(statement) { answer = ($0, $1) }])
        return answer
    }

    /// Runs statements in one round trip, as far as they fit into it.
    ///
    /// - Throws: what the first that failed means; the server did not run those behind it.
    func run(_ statements: some RandomAccessCollection<PipelinedStatement>) throws {
        var rest = statements[...]
        while !rest.isEmpty {
            try run(rest.prefix(Self.longestPipeline), thenCommit: false)
            rest = rest.dropFirst(Self.longestPipeline)
        }
    }

    /// Both sides' buffers hold the texts and answers of so many: neither waits for the other while it writes.
    private static let longestPipeline = 16

    /// - Parameter refused: called when the server answers with an error, or that it did not commit.
    private func run(
        _ statements: some Collection<PipelinedStatement>, thenCommit: Bool, refused: () -> Void = {}
    ) throws {
        let statements = Array(statements)
        let known = try statements.map { try prepared[$0.statement.text] ?? prepare($0.statement) }
        // Before anything is sent: a value that does not fit leaves the connection as it is.
        let parameters = try zip(statements, known).map {
            try PostgresParameters($0.statement.values, as: $1.parameters)
        }
        let first = beginning ?? []
        beginning = nil
        for control in first + (thenCommit ? [Self.commit] : []) { try prepare(control) }
        let isPipelined = first.count + statements.count + (thenCommit ? 1 : 0) > 1
        if isPipelined { PQenterPipelineMode(raw) }
        defer { if isPipelined { PQexitPipelineMode(raw) } }
        for control in first { try send(control) }
        for (known, parameters) in zip(known, parameters) {
            let isSent = parameters.withArrays { count, values, lengths, formats in
                PQsendQueryPrepared(raw, known.name, count, values, lengths, formats, 1)
            }
            guard isSent == 1 else { throw lost() }
        }
        if thenCommit {
            isCommitSent = true
            try send(Self.commit)
        }
        if isPipelined { guard PQpipelineSync(raw) == 1 else { throw lost() } }
        // The answer to BEGIN comes first, that to COMMIT last.
        var next = -first.count
        try finish(
            isPipelined: isPipelined,
            failure: { result in
                refused()
                return statements.indices.contains(next) ? statements[next].failure(result) : SQLError(result: result)
            },
            { result in
                defer { next += 1 }
                guard next >= 0 else { return }
                guard next < statements.count else {
                    // ROLLBACK is the answer when a statement failed before, and somebody swallowed its error.
                    let tag = String(cString: PQcmdStatus(result))
                    guard tag == "COMMIT" else {
                        refused()
                        throw SQLError(.misuse, "committed after a statement that failed: \(tag)")
                    }
                    return
                }
                let rows = PQntuples(result) > 0 ? try known[next].columns(of: result).rows(of: result) : []
                try statements[next].take(rows, Int(String(cString: PQcmdTuples(result))) ?? 0)
            })
    }

    private static let commit = "COMMIT"

    private func send(_ control: String) throws {
        guard PQsendQueryPrepared(raw, control, 0, nil, nil, nil, 0) == 1 else { throw lost() }
    }

    /// Each transaction has them: the server need not read their texts each time.
    private func prepare(_ control: String) throws {
        guard !controls.contains(control) else { return }
        guard PQsendPrepare(raw, control, control, 0, nil) == 1 else { throw lost() }
        do { try finish { _ in } } catch {
            // It may be there all the same, under its fixed name.
            isUsable = false
            throw error
        }
        controls.insert(control)
    }

    private func prepare(_ statement: SQLStatement) throws -> PreparedStatement {
        try sendBeginning()
        if prepared.count >= Self.mostPrepared {
            prepared = [:]
            controls = []
            // Else nobody would know what the server still has under which name.
            do { try control("DEALLOCATE ALL") } catch {
                isUsable = false
                throw error
            }
        }
        named += 1
        let name = "s\(named)"
        let types = statement.values.map(\.postgresType)
        guard PQsendPrepare(raw, name, statement.textWithArrays, Int32(types.count), types) == 1 else { throw lost() }
        try finish { _ in }
        guard PQsendDescribePrepared(raw, name) == 1 else { throw lost() }
        var resolved: [Oid] = []
        try finish { result in resolved = (0..<PQnparams(result)).map { PQparamtype(result, $0) } }
        let known = PreparedStatement(name: name, parameters: resolved)
        prepared[statement.text] = known
        return known
    }

    /// Forgets every prepared statement, after a migration made one of their plans wrong.
    func forgetPrepared() {
        prepared = [:]
        controls = []
        do { try control("DEALLOCATE ALL") } catch { isUsable = false }
    }

    // MARK: Answers

    /// Takes all results of what was sent; the first error is thrown when the last one was taken.
    ///
    /// - Parameter failure: what an error answer means.
    private func finish(
        isPipelined: Bool = false, failure meaning: (OpaquePointer) -> any Error = { SQLError(result: $0) },
        _ body: (OpaquePointer) throws -> Void
    ) throws {
        var failure: (any Error)?
        while true {
            try awaitAnswer()
            guard let result = PQgetResult(raw) else {
                guard PQstatus(raw) == CONNECTION_OK else { throw lost() }
                if isPipelined { continue }
                break
            }
            defer { PQclear(result) }
            let status = PQresultStatus(result)
            if status == PGRES_PIPELINE_SYNC { break }
            switch status {
            case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY:
                guard failure == nil else { continue }
                do { try body(result) } catch { failure = error }
            case PGRES_PIPELINE_ABORTED: continue
            default:
                if PQstatus(raw) != CONNECTION_OK { throw lost() }
                if failure == nil { failure = meaning(result) }
            }
        }
        if let failure { throw failure }
    }

    /// Waits until a result is whole.
    ///
    /// - Throws: ``SQLError`` `.unavailable` when the connection is lost or the server keeps silent for too long.
    private func awaitAnswer() throws {
        let deadline = ContinuousClock.now + answerTimeout
        while true {
            // Also sends what is still in the buffer.
            guard PQflush(raw) >= 0 else { throw lost() }
            if PQisBusy(raw) == 0 { return }
            let left = deadline - .now
            guard left > .zero else {
                isUsable = false
                throw SQLError(.unavailable, "PostgreSQL at \(endpoint): no answer for \(answerTimeout)")
            }
            var descriptor = pollfd(fd: PQsocket(raw), events: Int16(POLLIN), revents: 0)
            let ready = poll(&descriptor, 1, Int32(clamping: left.wholeMilliseconds + 1))
            if ready < 0, errno != EINTR { throw lost() }
            guard PQconsumeInput(raw) == 1 else { throw lost() }
        }
    }

    private func lost() -> SQLError {
        isUsable = false
        return SQLError.connection(raw, endpoint)
    }
}

/// A statement that the server keeps under a name.
final class PreparedStatement {
    let name: String
    /// What the server takes each parameter to be.
    let parameters: [Oid]
    private var known: PostgresColumns?

    init(name: String, parameters: [Oid]) {
        self.name = name
        self.parameters = parameters
    }

    func columns(of result: OpaquePointer) -> PostgresColumns {
        if let known { return known }
        let columns = PostgresColumns(of: result)
        known = columns
        return columns
    }
}
