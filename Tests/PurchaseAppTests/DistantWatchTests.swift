import FoundationEssentials
import Logging
import Orders
import PurchaseAPI
import PurchaseContracts
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@testable import PurchaseApp

@Suite struct DistantWatchTests {
    private let clock = ManualClock()
    private let database: SQLiteDatabase
    private let feed: CommitFeed
    private let watch: DistantWatch

    init() throws {
        database = try SQLiteDatabase.inMemory()
        feed = CommitFeed(clock: clock, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        watch = DistantWatch(feed, on: database, clock: clock, interval: .milliseconds(50))
    }

    private func place(_ ids: [UUID]) async throws {
        try await Migrator(EngineMigrations.sqlite + OrdersMigrations.sqlite).migrate(database, now: 0)
        try await database.write { transaction in
            for id in ids {
                try transaction.execute(
                    """
                    INSERT INTO orders_orders (subject, state, settled, user_id, actor, currency, total, discount, final,
                        ordered_at, deadline, resync_at, created_at, updated_at)
                    VALUES (\(id), 'PROCESSING', \(false), \(id), \(id), 'KRW', \(1), \(0), \(1), \(5), \(9), \(9), \(5), \(5))
                    """)
            }
        }
    }

    private func change(_ id: UUID, at time: Int) async throws {
        try await database.write {
            try $0.execute("UPDATE orders_orders SET updated_at = \(time) WHERE subject = \(id)")
        }
    }

    /// Whether something was told already: what is over has no more to tell.
    private func hasNews(_ changes: OrderChanges) async -> Bool {
        changes.end()
        if case .changed = await changes.next() { return true }
        return false
    }

    @Test func `whoever watches an order hears that another process changed it, once for each change`() async throws {
        let (changed, still) = (UUID(), UUID())
        try await place([changed, still])
        let (first, second) = (feed.changes(of: changed), feed.changes(of: still))
        _ = try await watch.poll()
        try await change(changed, at: 7)
        _ = try await watch.poll()
        #expect(await hasNews(first))
        #expect(await !hasNews(second))
    }

    @Test func `a change before the first look is told, for whoever watches may have looked before it`() async throws {
        let id = UUID()
        try await place([id])
        let changes = feed.changes(of: id)
        try await change(id, at: 6)
        _ = try await watch.poll()
        #expect(await hasNews(changes))
    }

    @Test func `with many orders looks are rarer, without any there is nothing to ask`() async throws {
        // There is no table yet, so a question would fail.
        #expect(try await watch.poll() == .idle(wakeAt: clock.now() + .milliseconds(50)))
        let ids = (0..<1000).map { _ in UUID() }
        try await place([])
        let changes = ids.map { feed.changes(of: $0) }
        #expect(try await watch.poll() == .idle(wakeAt: clock.now() + .milliseconds(150)))
        for one in changes { one.end() }
        #expect(feed.watched.isEmpty)
    }

    @Test(.timeLimit(.minutes(1))) func `a watch ends when its time is over, and nobody watches then`() async {
        let id = UUID()
        let (first, second) = (feed.changes(of: id), feed.changes(of: id))
        feed.end(first, after: .milliseconds(10))
        guard case .over = await first.next() else {
            Issue.record("nothing was to be told")
            return
        }
        #expect(feed.watched == [id])
        second.end()
        #expect(feed.watched.isEmpty)
    }
}
