import FoundationEssentials
import SQLCore
import SagaChoreography

/// The rows of audit_pruned, and the entries that they stand for.
struct PrunedStore {
    private let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Those of a segment, in order.
    func runs(of segment: Int64) throws -> [PrunedRun] {
        try transaction.rows(
            """
            SELECT first_sequence, last_sequence, segment, last_hash FROM audit_pruned
            WHERE segment = \(segment) ORDER BY first_sequence
            """
        ).map(PrunedRun.init)
    }

    /// Puts runs in the place of all that a segment had.
    func replace(_ runs: [PrunedRun], of segment: Int64) throws {
        try transaction.execute("DELETE FROM audit_pruned WHERE segment = \(segment)")
        try Self.insertion.run(runs, in: transaction) { run in
            [.integer(run.first), .integer(run.last), .integer(run.segment), .bytes(run.lastHash)]
        }
    }

    private static let insertion = ManyRows(
        into: "audit_pruned (first_sequence, last_sequence, segment, last_hash)",
        columns: [.integer, .integer, .integer, .bytes])

    /// Deletes entries of a segment that its runs stand for.
    ///
    /// - Returns: how many, at most `limit`.
    func delete(of segment: Int64, limit: Int) throws -> Int {
        try transaction.execute(
            """
            DELETE FROM audit_entries WHERE sequence IN (
                SELECT e.sequence FROM audit_pruned AS r
                JOIN audit_entries AS e ON e.sequence BETWEEN r.first_sequence AND r.last_sequence
                WHERE r.segment = \(segment) ORDER BY e.sequence LIMIT \(limit: limit))
            """)
    }

    /// What the last cleanup of a segment said of its runs; `nil` if there was none.
    func lastCleanup(of segment: Int64) throws -> LoggedEntry? {
        try transaction.first(
            """
            SELECT \(fixed: EntryRow.columns) FROM audit_entries
            WHERE resource_id = \(String(segment)) AND action = \(ChainCheck.cleanup) ORDER BY sequence DESC LIMIT 1
            """
        ).map(EntryRow.entry)
    }

    /// Whether the last cleanup of a segment made its runs.
    func isExplained(_ segment: Int64, by hash: any ContentHash) throws -> Bool {
        guard let cleanup = try lastCleanup(of: segment) else { return false }
        return ChainCheck.digest(in: cleanup.entry) == PrunedDigest(try runs(of: segment)).text(hash)
    }

    /// Notes that entries from before may be gone.
    func note(prunedBefore time: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE audit_head SET pruned_before = \(time.milliseconds)
            WHERE one = 1 AND (pruned_before IS NULL OR pruned_before < \(time.milliseconds))
            """)
    }
}

/// A segment that is full.
struct Segment: Sendable, Hashable {
    let number: Int64
    let places: ClosedRange<Int64>
    let head: Data
    /// That of the segment before, or what stands before the first entry.
    let previousHead: Data

    /// The next segment that has something from before a time; `nil` if there is none.
    static func next(
        after number: Int64, before time: Timestamp, in transaction: any SQLTransaction
    ) throws -> Segment? {
        let row = try transaction.first(
            """
            SELECT s.number AS number, s.first_sequence AS first, s.last_sequence AS last, s.head AS head,
                p.head AS previous
            FROM audit_segments AS s LEFT JOIN audit_segments AS p ON p.number = s.number - 1
            WHERE s.number > \(number) AND s.oldest < \(time.milliseconds) ORDER BY s.number LIMIT 1
            """)
        guard let row, case (let first, let last) = (try row.int64("first"), try row.int64("last")), first <= last
        else {
            return nil
        }
        return Segment(
            number: try row.int64("number"), places: first...last, head: try row.bytes("head"),
            previousHead: try row.optionalBytes("previous") ?? EntryChain.origin)
    }
}
