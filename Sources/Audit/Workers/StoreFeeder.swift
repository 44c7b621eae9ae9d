import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

/// Brings entries from the log to a store beside it, in batches and in order.
///
/// The log notes how far the store is, so nothing is kept in memory: a store that is away holds up nobody, and once it is back this goes
/// on where it was. What comes twice is kept once.
public final class StoreFeeder: Activity {
    public let name = "audit.store-feeder"
    /// Nothing: it looks by itself.
    public let wakesOn: Set<EventType> = []

    private let database: any SQLDatabase
    private let store: any EntryStore
    private let placement: AuditPlacement
    private let hash: any ContentHash
    private let clock: any SagaClock
    private let interval: Duration
    private let observer: any AuditObserver
    private let isPrepared = Mutex(false)
    private let size: Mutex<BatchSize>

    /// - Parameters:
    ///   - interval: the pause between two looks.
    ///   - batch: entries that are brought at once at most.
    public init(
        from database: any SQLDatabase, to store: any EntryStore, placement: AuditPlacement, hash: any ContentHash,
        clock: any SagaClock,
        interval: Duration = .seconds(1), batch: Int = 1000, observer: any AuditObserver = NoAuditObserver()
    ) {
        self.database = database
        self.store = store
        self.placement = placement
        self.hash = hash
        self.clock = clock
        self.interval = interval
        size = Mutex(BatchSize(most: batch))
        self.observer = observer
    }

    /// Brings the next batch, then heads of segments, and lets the store forget what retention took away.
    ///
    /// - Throws: ``SagaFault`` `.unavailable` if log or store are away: nothing is lost, call again later.
    public func poll() async throws -> Progress {
        try await observer.watching(.store) {
            if !isPrepared.withLock({ $0 }) { try await prepare() }
            let feed = try await database.read { [store] in try FeedStore($0).feed(of: store.name) }
            if placement.feedsAnything {
                if try await bringEntries(behind: feed) { return .worked }
                if try await bringHeads(behind: feed) { return .worked }
            }
            if try await forgetPruned(upTo: feed.position) { return .worked }
            // Whether it is there is to be known also while nothing happens.
            try await prepare()
            observer.looked(.store, oldest: nil)
            return .idle(wakeAt: clock.now() + interval)
        }
    }

    /// Brings what is in the log now, as far as there is time.
    ///
    /// - Throws: as ``poll()``.
    public func flush(within limit: Duration = .seconds(10)) async throws {
        let end = clock.now() + limit
        while try await poll() == .worked, clock.now() < end {}
    }

    private func prepare() async throws {
        try await store.prepare()
        isPrepared.withLock { $0 = true }
    }

    private func bringEntries(behind feed: StoreFeed) async throws -> Bool {
        let limit = size.withLock(\.next)
        let entries = try await database.read {
            try AuditQueries($0).entries(after: feed.position, limit: limit)
        }
        // Behind the last may be what retention took away before it came here.
        guard let last = entries.last?.sequence else { return false }
        let begin = clock.now()
        observer.looked(.store, oldest: entries.first?.recordedAt)
        let placed = entries.map { (entry: $0, places: placement.places(of: $0.entry)) }
        let wanted = placed.filter { $0.places != .log }.map(\.entry)
        let others = PlaceRun.runs(of: placed.lazy.filter { $0.places == .log }.map(\.entry.sequence), in: .log)
        if !wanted.isEmpty { try await put(wanted) }
        var next = feed
        next.position = last
        let isNoted = try await advance(from: feed, to: next) { try PlaceRunStore($0).add(others) }
        if isNoted { observer.recorded(.store, entries: wanted.count, in: clock.now() - begin) }
        return true
    }

    private func put(_ entries: [LoggedEntry]) async throws {
        do {
            try await store.put(entries)
            size.withLock { $0.succeeded() }
        } catch {
            size.withLock { $0.failed() }
            throw error
        }
    }

    private func bringHeads(behind feed: StoreFeed) async throws -> Bool {
        let segments = try await database.read {
            try FeedStore($0).sealed(after: feed.heads, upTo: feed.position, limit: 1000)
        }
        guard let last = segments.last else { return false }
        try await store.put(heads: segments.map(\.head))
        var next = feed
        next.heads = last.number
        _ = try await advance(from: feed, to: next)
        return true
    }

    private func forgetPruned(upTo place: Int64) async throws -> Bool {
        let runs = try await database.read { [hash] in
            try FeedStore($0).remembered(upTo: place, limit: 1000, by: hash)
        }
        for run in runs { try await store.remove(run.first...min(run.last, place)) }
        // What goes on behind the store's end is looked at again once there is more of it.
        let whole = runs.filter { $0.last <= place }
        guard !whole.isEmpty else { return false }
        try await database.write { try FeedStore($0).forget(whole) }
        return true
    }

    private func advance(
        from old: StoreFeed, to new: StoreFeed,
        with body: @escaping @Sendable (any SQLTransaction) throws -> Void = { _ in }
    ) async throws -> Bool {
        try await database.write { [store] transaction in
            guard try FeedStore(transaction).advance(store.name, from: old, to: new) else { return false }
            try body(transaction)
            return true
        }
    }
}

/// How many entries are brought at once: few at first and after a failure, and twice as many each time that it went well. So a store that is
/// slow, or a process that is ended again and again, gets on all the same: what was brought is noted after each batch.
struct BatchSize {
    private static let least = 50
    private let most: Int
    private(set) var next: Int

    init(most: Int) {
        self.most = most
        next = min(Self.least, most)
    }

    mutating func succeeded() { next = min(next * 2, most) }

    mutating func failed() { next = max(next / 4, min(Self.least, most)) }
}
