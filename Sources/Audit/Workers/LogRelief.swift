import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// Takes from the log what belongs to the store beside it alone, one full segment after the other.
///
/// Nothing goes that the store was not asked for and gave back as it is in the log. An event that comes a second time is recognised by its
/// entry in the log, so a segment stays for a while after it is full, and what is still in the outbox stays for good.
public struct LogRelief: Activity {
    public let name = "audit.log-relief"
    /// Nothing: it looks by itself.
    public let wakesOn: Set<EventType> = []

    private static let page = 500
    private let database: any SQLDatabase
    private let store: any EntryStore
    private let placement: AuditPlacement
    private let clock: any SagaClock
    private let after: Duration
    private let interval: Duration

    /// - Parameters:
    ///   - after: how long a segment stays when it is full; longer than it can take until an event comes a second time.
    ///   - interval: the pause between two looks.
    public init(
        of database: any SQLDatabase, to store: any EntryStore, placement: AuditPlacement, clock: any SagaClock,
        after: Duration = .seconds(3600), interval: Duration = .seconds(10)
    ) {
        self.database = database
        self.store = store
        self.placement = placement
        self.clock = clock
        self.after = after
        self.interval = interval
    }

    /// Looks at the next segment.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if log or store are away.
    public func poll() async throws -> Progress {
        let now = clock.now()
        let (feed, segment) = try await database.read { [store] transaction in
            let feeds = FeedStore(transaction)
            let feed = try feeds.feed(of: store.name)
            return (feed, try feeds.sealed(after: feed.given, upTo: feed.position, limit: 1).first)
        }
        guard let segment else { return .idle(wakeAt: now + interval) }
        let due = Timestamp(milliseconds: segment.sealedAt) + after
        guard due <= now else { return .idle(wakeAt: min(due, now + interval)) }
        var last = segment.places.lowerBound - 1
        while last < segment.places.upperBound {
            let after = last
            let page = try await database.read { try AuditQueries($0).entries(after: after, limit: Self.page) }
                .filter { segment.places.contains($0.sequence) }
            guard let reached = page.last?.sequence else { break }
            let gone = PlaceRun.runs(of: try await proven(page), in: .store)
            if !gone.isEmpty { try await take(gone, behind: feed) }
            last = reached
        }
        _ = try await database.write { [store] in
            try FeedStore($0).give(store.name, from: feed.given, to: segment.number)
        }
        return .worked
    }

    private func take(_ runs: [PlaceRun], behind feed: StoreFeed) async throws {
        try await database.write { [store] transaction in
            // Nobody else may be at it.
            guard try FeedStore(transaction).give(store.name, from: feed.given, to: feed.given) else {
                throw Self.isBusy
            }
            try PlaceRunStore(transaction).add(runs)
            for run in runs {
                let count = try transaction.execute(
                    """
                    DELETE FROM audit_entries
                    WHERE sequence BETWEEN \(run.places.lowerBound) AND \(run.places.upperBound)
                    """)
                guard count == run.places.count else { throw Self.isBusy }
            }
        }
    }

    private static var isBusy: SQLError { SQLError(.busy, "another process gives away entries of the audit trail") }

    /// Places of what belongs to the store alone, is there exactly as it is here, and can no longer come a second time.
    private func proven(_ page: [LoggedEntry]) async throws -> [Int64] {
        let alone = page.filter { placement.places(of: $0.entry) == .store }
        guard let first = alone.first?.sequence, let last = alone.last?.sequence else { return [] }
        let kept = Set(try await store.entries(AuditFilter(), in: first...last, .oldestFirst, limit: Self.page))
        let ids = alone.map(\.entry.id)
        let open = try await database.read { try OutboxReader.present(ids, in: $0) }
        return alone.filter { kept.contains($0) && !open.contains($0.entry.id) }.map(\.sequence)
    }
}
