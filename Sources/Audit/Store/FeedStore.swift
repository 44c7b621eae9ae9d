import SQLCore

/// How far a store beside the log is.
struct StoreFeed: Sendable, Hashable {
    /// Up to this place it has everything that belongs there.
    var position: Int64 = 0
    /// Of these segments it has the heads.
    var heads: Int64 = 0
    /// Up to this segment the log has given away what belongs to the store alone.
    var given: Int64 = 0
}

/// The rows of audit_feeds.
struct FeedStore {
    private let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// That of a store; as at the beginning if there is none.
    func feed(of store: String) throws -> StoreFeed {
        guard
            let row = try transaction.first(
                "SELECT position, heads, given FROM audit_feeds WHERE store = \(store)")
        else { return StoreFeed() }
        return StoreFeed(
            position: try row.int64("position"), heads: try row.int64("heads"), given: try row.int64("given"))
    }

    /// Notes how far a store is now.
    ///
    /// - Returns: `false` if it was not where it is expected any more: another process feeds it as well.
    func advance(_ store: String, from old: StoreFeed, to new: StoreFeed) throws -> Bool {
        try transaction.execute("INSERT INTO audit_feeds (store) VALUES (\(store)) ON CONFLICT (store) DO NOTHING")
        let count = try transaction.execute(
            """
            UPDATE audit_feeds SET position = \(new.position), heads = \(new.heads)
            WHERE store = \(store) AND position = \(old.position) AND heads = \(old.heads)
            """)
        return count == 1
    }

    /// Notes up to which segment the log has given away what belongs to a store alone, and keeps others from doing the same until this
    /// transaction ends.
    ///
    /// - Returns: `false` if it was not where it is expected any more.
    func give(_ store: String, from old: Int64, to new: Int64) throws -> Bool {
        try transaction.execute(
            "UPDATE audit_feeds SET given = \(new) WHERE store = \(store) AND given = \(old)") == 1
    }

    /// Sealed segments behind a number that end at a place or before, in order.
    func sealed(after number: Int64, upTo place: Int64, limit: Int) throws -> [SealedSegment] {
        try transaction.rows(
            """
            SELECT number, first_sequence, last_sequence, head, sealed_at FROM audit_segments
            WHERE number > \(number) AND last_sequence <= \(place) ORDER BY number LIMIT \(limit)
            """
        ).map { row in
            SealedSegment(
                number: try row.int64("number"),
                places: try row.int64("first_sequence")...row.int64("last_sequence"),
                head: KeptHead(sequence: try row.int64("last_sequence"), hash: try row.bytes("head")),
                sealedAt: try row.int64("sealed_at"))
        }
    }

    /// What retention took away and a store may still have, that begins at a place or before. Only what a cleanup in the log explains: a
    /// row that somebody else wrote must not make the store forget, too.
    func remembered(upTo place: Int64, limit: Int, by hash: any ContentHash) throws -> [PrunedRun] {
        let runs = try transaction.rows(
            """
            SELECT first_sequence, last_sequence, segment, last_hash FROM audit_pruned
            WHERE forgotten = 0 AND first_sequence <= \(place) ORDER BY first_sequence LIMIT \(limit)
            """
        ).map(PrunedRun.init)
        let store = PrunedStore(transaction)
        let explained = try Set(Set(runs.map(\.segment)).filter { try store.isExplained($0, by: hash) })
        return runs.filter { explained.contains($0.segment) }
    }

    /// Notes that a store has forgotten them, if they are what they were.
    func forget(_ runs: [PrunedRun]) throws {
        for run in runs {
            try transaction.execute(
                """
                UPDATE audit_pruned SET forgotten = 1 WHERE first_sequence = \(run.first) AND last_sequence = \(run.last)
                """)
        }
    }
}

/// A segment that is full, as a store beside the log keeps it.
struct SealedSegment: Sendable {
    let number: Int64
    let places: ClosedRange<Int64>
    let head: KeptHead
    /// Milliseconds since 1970.
    let sealedAt: Int64
}
