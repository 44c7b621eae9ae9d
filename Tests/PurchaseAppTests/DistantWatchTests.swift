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

    /// Waits for one word that is no end.
    private func told(_ changes: OrderChanges) async throws -> OrderView? {
        guard case .changed(let order) = await changes.next() else { throw CancellationError() }
        return order
    }

    @Test(.timeLimit(.minutes(1)))
    func `everybody who watches an order gets it as its completion committed, nobody else`()
        async throws
    {
        let (id, other) = (UUID(), UUID())
        try await place([id, other])
        let order = try #require(try await database.read { try OrderQueries($0).order(OrderID(id)) })
        let watchers = [feed.changes(of: id), feed.changes(of: id)]
        let apart = feed.changes(of: other)
        feed.hear(.committed([CompletedOrders(orders: [order])]))
        for watcher in watchers { #expect(try await told(watcher)?.id == order.id) }
        #expect(await !hasNews(apart))
    }

    @Test(.timeLimit(.minutes(1))) func `everybody who watches an order hears of its events, but of its beginning`()
        async throws
    {
        let id = UUID()
        let watchers = [feed.changes(of: id), feed.changes(of: id)]
        func event(_ type: EventType) -> Envelope {
            Envelope(
                id: UUID(), type: type, version: 1, source: OrdersParticipant.service, subject: id, time: clock.now(),
                correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8))
        }
        feed.committed([event(OrderSettled.type)])
        for watcher in watchers { #expect(try await told(watcher) == nil) }
        feed.committed([event(OrderCreated.type)])
        for watcher in watchers { #expect(await !hasNews(watcher)) }
    }

    @Test(.timeLimit(.minutes(1))) func `a watch ends when its time is over, and nobody watches then`() async {
        let id = UUID()
        let watches = (0..<3).map { _ in feed.changes(of: id) }
        feed.end(watches[0], after: .zero)
        feed.end(watches[1], after: .milliseconds(10))
        for watch in watches.prefix(2) {
            guard case .over = await watch.next() else {
                Issue.record("nothing was to be told")
                return
            }
        }
        #expect(feed.watched == [id])
        watches[2].end()
        // The end is told before the watch is forgotten, to who comes in between.
        while !feed.watched.isEmpty { await Task.yield() }
    }
}
