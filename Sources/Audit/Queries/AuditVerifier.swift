import FoundationEssentials
import SQLCore

/// Checks that the log is what was recorded: no gap, each hash that of its content and its predecessor, sealed segments as they were.
public struct AuditVerifier: Sendable {
    private static let page = 1000
    private let database: any SQLDatabase
    private let hash: any ContentHash

    public init(_ database: any SQLDatabase, hash: any ContentHash) {
        self.database = database
        self.hash = hash
    }

    /// Reads the log from its beginning to where it ended at the call, page by page.
    ///
    /// - Parameter progress: told how many entries were looked at so far.
    /// - Throws: ``SQLError``.
    public func run(progress: @Sendable (Int64) -> Void = { _ in }) async throws -> AuditVerification {
        let (head, segments) = try await database.read { transaction in
            (try AuditQueries(transaction).head(), try AuditQueries(transaction).segments())
        }
        var result = AuditVerification()
        result.head = head
        // `nil` behind a gap: the hash before it is gone.
        var previous: Data? = EntryChain.origin
        var last: Int64 = 0
        while true {
            let after = last
            let page = try await database.read { try AuditQueries($0).entries(after: after, limit: Self.page) }
            for entry in page {
                // What came while this was reading is none of this check's.
                if entry.sequence > head.sequence, try await isRecorded(entry.sequence) { break }
                check(entry, after: last, previous, head.sequence, segments, &result)
                previous = entry.hash
                last = entry.sequence
            }
            progress(result.entries)
            guard page.count == Self.page, last == page.last?.sequence else { break }
        }
        if last < head.sequence { result.note(.truncated, last + 1, head.sequence) }
        if last == head.sequence, let previous, previous != head.hash { result.note(.changed, last) }
        return result
    }

    private func check(
        _ entry: LoggedEntry, after last: Int64, _ previous: Data?, _ end: Int64, _ segments: [Int64: Data],
        _ result: inout AuditVerification
    ) {
        result.entries += 1
        guard entry.sequence <= end else { return result.note(.inserted, entry.sequence) }
        if entry.sequence > last + 1 {
            result.note(.removed, last + 1, entry.sequence - 1)
        } else if let previous, EntryChain.hash(of: entry, after: previous, by: hash) != entry.hash {
            result.note(.changed, entry.sequence)
        }
        if let sealed = segments[entry.sequence], sealed != entry.hash { result.note(.segment, entry.sequence) }
    }

    private func isRecorded(_ sequence: Int64) async throws -> Bool {
        try await database.read { try AuditQueries($0).head().sequence >= sequence }
    }
}

extension AuditQueries {
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
