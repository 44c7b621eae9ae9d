import FoundationEssentials
import SQLCore

/// Checks that the log is what was recorded: no gap but what retention left, each hash that of its content and its predecessor, sealed
/// segments as they were.
public struct AuditVerifier: Sendable {
    private static let page = 1000
    private let hash: any ContentHash

    public init(hash: any ContentHash) { self.hash = hash }

    /// Reads the log from its beginning to where it ended at the call, page by page, beside whoever records.
    ///
    /// - Parameter progress: told how many entries were looked at so far.
    /// - Throws: ``SQLError``.
    public func run(
        _ database: any SQLDatabase, progress: @Sendable (Int64) -> Void = { _ in }
    ) async throws -> AuditVerification {
        var check = try await database.read { try AuditQueries($0).chainCheck(by: hash) }
        while true {
            let (after, end) = (check.last, check.head.sequence)
            let page = try await database.read { try AuditQueries($0).page(after: after, before: end, Self.page) }
            // What came while this was reading is none of this check's.
            let isOver = try await isRecorded(page.entries.last, behind: end, in: database)
            check.take(isOver ? page.entries.filter { $0.sequence <= end } : page.entries, among: page.runs)
            progress(check.result.entries)
            guard page.entries.count == Self.page, !isOver else { break }
        }
        let (after, end) = (check.last, check.head.sequence)
        check.finish(try await database.read { try AuditQueries($0).runs(after: after, upTo: end) })
        for segment in check.unexplained {
            // A cleanup may have begun while this was reading.
            let isExplained = try await database.read { try PrunedStore($0).isExplained(segment, by: hash) }
            if !isExplained { check.note(unexplained: segment) }
        }
        return check.result
    }

    /// As ``run(_:progress:)``, in one transaction: of what it sees.
    ///
    /// - Throws: ``SQLError``.
    public func examine(_ transaction: any SQLTransaction) throws -> AuditVerification {
        let queries = AuditQueries(transaction)
        var check = try queries.chainCheck(by: hash)
        while true {
            let page = try queries.page(after: check.last, before: check.head.sequence, Self.page)
            check.take(page.entries, among: page.runs)
            guard page.entries.count == Self.page else { break }
        }
        check.finish(try queries.runs(after: check.last, upTo: check.head.sequence))
        for segment in check.unexplained { check.note(unexplained: segment) }
        return check.result
    }

    /// Whether an entry is behind the end that the check began with, and was recorded since.
    private func isRecorded(
        _ entry: LoggedEntry?, behind end: Int64, in database: any SQLDatabase
    ) async throws -> Bool {
        guard let entry, entry.sequence > end else { return false }
        return try await database.read { try AuditQueries($0).last() >= entry.sequence }
    }
}

extension AuditQueries {
    fileprivate func chainCheck(by hash: any ContentHash) throws -> ChainCheck {
        ChainCheck(head: try head(), segments: try segments(), by: hash)
    }

    /// The next entries, and the runs between them.
    fileprivate func page(
        after last: Int64, before end: Int64, _ limit: Int
    ) throws -> (entries: [LoggedEntry], runs: [PrunedRun]) {
        let entries = try entries(after: last, limit: limit)
        guard let reached = entries.last?.sequence else { return ([], []) }
        return (entries, try runs(after: last, upTo: reached))
    }

    /// Runs that reach beyond a place, in order.
    func runs(after last: Int64, upTo end: Int64) throws -> [PrunedRun] {
        try transaction.rows(
            """
            SELECT first_sequence, last_sequence, segment, last_hash FROM audit_pruned
            WHERE last_sequence > \(last) AND first_sequence <= \(end) AND first_sequence >= COALESCE(
                (SELECT MAX(first_sequence) FROM audit_pruned WHERE first_sequence <= \(last + 1)), 0)
            ORDER BY first_sequence
            """
        ).map(PrunedRun.init)
    }

    /// The last entry's place and hash.
    func head() throws -> (sequence: Int64, hash: Data) {
        guard let row = try transaction.first("SELECT sequence, hash FROM audit_head WHERE one = 1") else {
            return (0, EntryChain.origin)
        }
        return (try row.int64("sequence"), try row.bytes("hash"))
    }

    /// The hash with which each sealed segment ended, by its last entry's place.
    func segments() throws -> [Int64: Data] {
        var heads: [Int64: Data] = [:]
        for row in try transaction.rows("SELECT last_sequence, head FROM audit_segments") {
            heads[try row.int64("last_sequence")] = try row.bytes("head")
        }
        return heads
    }
}

extension PrunedRun {
    init(_ row: SQLRow) throws {
        segment = try row.int64("segment")
        first = try row.int64("first_sequence")
        last = try row.int64("last_sequence")
        lastHash = try row.bytes("last_hash")
    }
}
