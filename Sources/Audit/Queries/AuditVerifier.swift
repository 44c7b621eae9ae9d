import FoundationEssentials
import SQLCore

/// Checks that the log is what was recorded: no gap but what retention left, each hash that of its content and its predecessor, sealed
/// segments as they were.
public struct AuditVerifier: Sendable {
    private static let page = 1000
    private let hash: any ContentHash

    public init(hash: any ContentHash) { self.hash = hash }

    /// Checks the log and, if there is one, the store beside it.
    ///
    /// - Parameter progress: told how many entries were looked at so far.
    /// - Throws: as ``run(_:store:progress:)``.
    public func all(
        _ database: any SQLDatabase, store: (any EntryStore)?, progress: @Sendable (Int64) -> Void = { _ in }
    ) async throws -> TrailVerification {
        let log = try await run(database, store: store, progress: progress)
        guard let store else { return TrailVerification(log: log) }
        let read = log.entries
        let copy = try await run(copyIn: store, of: database) { progress(read + $0) }
        // What is only in the store was read there twice.
        let end = max(log.head.sequence, 1)
        let lone = try await database.read { try PlaceRunStore($0).runs(in: 1...end, .store) }
        var own = log
        own.findings.removeAll { finding in
            copy.findings.contains(finding) && lone.contains { $0.contains(finding.first) }
        }
        return TrailVerification(log: own, store: copy)
    }

    /// Reads the log from its beginning to where it ended at the call, page by page, beside whoever records. What is only in the store
    /// beside it is read there.
    ///
    /// - Parameter progress: told how many entries were looked at so far.
    /// - Throws: ``SQLError``; ``SagaFault`` `.unavailable` if a part is only in a store that is away.
    public func run(
        _ database: any SQLDatabase, store: (any EntryStore)? = nil, progress: @Sendable (Int64) -> Void = { _ in }
    ) async throws -> AuditVerification {
        let check = try await database.read { try AuditQueries($0).chainCheck(by: hash) }
        return try await run(check, LogPages(database, store), in: database, progress)
    }

    /// The same of the store beside the log: up to where it was fed, with what is only in the log read there.
    ///
    /// - Throws: as ``run(_:store:progress:)``.
    public func run(
        copyIn store: any EntryStore, of database: any SQLDatabase,
        progress: @Sendable (Int64) -> Void = { _ in }
    ) async throws -> AuditVerification {
        let (place, segments, head) = try await database.read { transaction in
            let queries = AuditQueries(transaction)
            let place = try FeedStore(transaction).feed(of: store.name).position
            return (place, try queries.segments().filter { $0.key <= place }, try queries.hash(at: place))
        }
        var result = AuditVerification()
        if place > 0 {
            // Where the log has lost it, which its own check names, the links of the store have to do.
            let own = try await store.readable(in: place...place, limit: 1).entries.first?.hash
            let hash = segments[place] ?? head ?? own ?? EntryChain.origin
            let check = ChainCheck(head: (place, hash), segments: segments, by: self.hash)
            result = try await run(check, StorePages(database, store, end: place), in: database, progress)
        }
        let strangers = try await strangers(in: store, behind: place, of: database)
        for entry in strangers.entries { result.note(.inserted, entry.sequence) }
        for place in strangers.unreadable { result.note(.unreadable, place) }
        let kept = try await store.heads()
        for finding in try await database.read({ try AuditQueries($0).findings(against: kept) }) {
            result.note(finding)
        }
        return result
    }

    /// Places behind the end of what the store was fed with at which it has something else than the log.
    private func strangers(
        in store: any EntryStore, behind place: Int64, of database: any SQLDatabase
    ) async throws -> ReadableEntries {
        let end = try await database.read { try FeedStore($0).feed(of: store.name).position }
        var found = try await store.readable(in: max(place, end) + 1...Int64.max, limit: Self.page)
        // A batch may be on its way: that is in the log already.
        let places = found.entries.map(\.sequence)
        let known = Set(try await database.read { try AuditQueries($0).entries(at: places) })
        found.entries.removeAll { known.contains($0) }
        return found
    }

    private func run(
        _ check: ChainCheck, _ pages: some EntryPages, in database: any SQLDatabase,
        _ progress: @Sendable (Int64) -> Void
    ) async throws -> AuditVerification {
        var check = check
        while true {
            let (after, end) = (check.last, check.head.sequence)
            let page = try await pages.next(after: after, limit: Self.page)
            let entries = page.entries
            // What came while this was reading is none of this check's.
            let isOver = try await isRecorded(entries.last, behind: end, in: database)
            let taken = isOver ? entries.filter { $0.sequence <= end } : entries
            let runs =
                if let reached = entries.last?.sequence {
                    try await database.read { try AuditQueries($0).runs(after: after, upTo: reached) }
                } else { [PrunedRun]() }
            check.note(unreadable: page.unreadable)
            check.take(taken, among: runs)
            progress(check.result.entries)
            guard entries.count == Self.page, !isOver else { break }
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

    /// As ``run(_:store:progress:)``, in one transaction, of what it sees; what is only in the store beside the log is left out.
    ///
    /// - Throws: ``SQLError``.
    public func examine(_ transaction: any SQLTransaction) throws -> AuditVerification {
        let queries = AuditQueries(transaction)
        var check = try queries.chainCheck(by: hash)
        while true {
            let page = try queries.page(after: check.last, before: check.head.sequence, Self.page)
            let reached = page.entries.last?.sequence ?? check.last
            let elsewhere = try queries.elsewhere(after: check.last, upTo: reached)
            check.take(page.entries, among: page.runs, elsewhere: elsewhere)
            guard page.entries.count == Self.page else { break }
        }
        check.finish(
            try queries.runs(after: check.last, upTo: check.head.sequence),
            elsewhere: try queries.elsewhere(after: check.last, upTo: check.head.sequence))
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

    /// Places whose entries are only in the store beside the log.
    fileprivate func elsewhere(after last: Int64, upTo end: Int64) throws -> [ClosedRange<Int64>] {
        guard last < end else { return [] }
        return try PlaceRunStore(transaction).runs(in: last + 1...end, .store)
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
