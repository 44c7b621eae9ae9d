import Dispatch
import Foundation
import PostgresAdapter
import SQLCore
import SagaChoreography
import SagaTesting
import Synchronization
import TestServers
import Testing

@testable import SagaSQL

@Suite(
    "Events that were written together on PostgreSQL",
    .enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct OutboxBundleTests {
    private static let closed = ClosedSagas(["maker": "made_saga", "taker": "taken_saga"])
    private let table = OutboxBundles()

    private func event(_ subject: UUID?, _ type: EventType = "a.made", by source: ServiceID = "maker") -> Envelope {
        Envelope(
            id: UUID(), type: type, version: 2, source: source, subject: subject, time: Timestamp(milliseconds: 7),
            correlationID: subject, causationID: nil, traceparent: nil, data: Data(#"{"text":"\"ü{,}"}"#.utf8))
    }

    private func withOutbox(_ body: (PostgresDatabase) async throws -> Void) async throws {
        try await withPostgres(PostgresSettings(poolSize: 3, searchPath: ["public", "saga"])) { database in
            try await Migrator(EngineMigrations.postgres).migrate(database, now: 0)
            try await database.write { transaction in
                for table in ["made_saga", "taken_saga"] {
                    try transaction.script(
                        "CREATE TABLE saga.\(table) (subject UUID PRIMARY KEY, settled BOOLEAN NOT NULL)")
                }
            }
            try await body(database)
        }
    }

    private func add(_ events: [Envelope], to database: PostgresDatabase) async throws {
        try await database.write { try Outbox.append(events, in: $0) }
    }

    /// A saga of `maker` and `taker` that is settled or not.
    private func saga(in database: PostgresDatabase, isSettled: Bool) async throws -> UUID {
        let id = UUID()
        try await database.write { transaction in
            try transaction.execute("INSERT INTO made_saga VALUES (\(id), \(isSettled))")
            try transaction.execute("INSERT INTO taken_saga VALUES (\(id), \(isSettled))")
        }
        return id
    }

    private func rows(of database: PostgresDatabase) async throws -> [OutboxRow] {
        try await database.read { transaction in
            try transaction.rows("SELECT seq, size FROM saga_outbox_bundles ORDER BY seq")
                .map { OutboxRow(position: try $0.int64("seq"), size: try $0.int64("size")) }
        }
    }

    private func deliveries(in database: PostgresDatabase) async throws -> [Delivery] {
        try await database.read { try OutboxReader.deliveries(after: 0, in: $0) }
    }

    @Test func `are a row for each service, of 256 at most, and are read and announced one by one`() async throws {
        try await withOutbox { database in
            let book = RelayBook(of: database, clock: ManualClock())
            let events = (0..<300).map { _ in event(UUID()) } + [event(nil, by: "taker"), event(UUID())]
            try await add(events, to: database)
            #expect(try await rows(of: database).map(\.size) == [256, 44, 1, 1])
            let deliveries = try await deliveries(in: database)
            #expect(deliveries.map(\.envelope) == events)
            #expect(Set(book.take(1000).map(\.position)) == Set(deliveries.map(\.position)))
            let extent = try await database.read { try OutboxReader.extent(in: $0) }
            #expect(extent == OutboxReader.Extent(events: 302, unacknowledged: 302, oldest: Timestamp(milliseconds: 7)))
            let ids = [events[0].id, events[301].id]
            #expect(try await database.read { try OutboxReader.present(ids + [UUID()], in: $0) } == Set(ids))
        }
    }

    @Test func `are paged by whole rows`() async throws {
        try await withOutbox { database in
            for count in [3, 5, 1, 2] { try await add((0..<count).map { _ in event(UUID()) }, to: database) }
            let all = try await deliveries(in: database)
            let page = { (from: Int64, limit: Int) in
                try await database.read { [table] in
                    try table.page(from: from, where: "1 = 1", limit: limit, in: $0).map(\.position)
                }
            }
            #expect(try await page(0, 3) == all.prefix(3).map(\.position))
            #expect(try await page(0, 4) == all.prefix(8).map(\.position))
            #expect(try await page(all[4].position, 6) == all[3..<9].map(\.position), "from the middle of a row")
            #expect(try await page(0, 1000) == all.map(\.position))
            let positions = try await database.read { [table] in try table.positions(where: "1 = 1", in: $0) }
            #expect(positions.flatMap { Array($0) } == all.map(\.position))
        }
    }

    @Test func `are found by their relay, and taken over from one that ended and from nobody`() async throws {
        try await withOutbox { database in
            let relays: [Int64?] = [7, 9, nil, 7, 8]
            for _ in relays { try await add([event(UUID())], to: database) }
            let all = try await rows(of: database).map(\.position)
            let clock = ManualClock()
            try await database.write { transaction in
                for (position, relay) in zip(all, relays) {
                    try transaction.execute("UPDATE saga_outbox_bundles SET relay = \(relay) WHERE seq = \(position)")
                }
                // 9 lives; 8 lived until a minute ago.
                for (relay, until) in [(Int64(9), clock.now() + .seconds(20)), (8, clock.now() + .seconds(-60))] {
                    try transaction.execute(
                        "INSERT INTO saga_relays (relay, until) VALUES (\(relay), \(until.milliseconds))")
                }
            }
            let found: [Int64?] = try await database.read { [table] in try table.relays(in: $0) }
            #expect(found.compactMap(\.self) == [7, 8, 9] && found.count == 4)
            let presence = RelayPresence(of: 7, on: database, clock: clock)
            for _ in 0..<5 {
                _ = try await presence.poll()
                clock.advance(by: .seconds(2))
            }
            let book = RelayBook(of: database, clock: clock)
            _ = book.takeMissing()
            _ = try await OutboxAdoption(on: database, by: presence, in: book, clock: clock).poll()
            let own = try await database.read { [table] in try table.positions(where: "relay = 7", in: $0) }
            #expect(own.map(\.lowerBound) == [all[0], all[2], all[3], all[4]])
            #expect(book.takeMissing() == all[2])
        }
    }

    @Test func `go together, once every saga that they tell of is settled`() async throws {
        try await withOutbox { database in
            let settled = try await saga(in: database, isSettled: true)
            let open = try await saga(in: database, isSettled: false)
            try await add([event(settled), event(nil)], to: database)
            try await add([event(settled), event(open)], to: database)
            try await add([event(settled, by: "taker")], to: database)
            try await add([event(settled, by: "stranger")], to: database)
            let all = try await rows(of: database)
            let delete = { (rows: [OutboxRow]) in
                try await database.write { [table] in try table.delete(rows, Self.closed, in: $0) }
            }
            let tooFew = OutboxRow(position: all[0].position, size: 1)
            #expect(try await delete([tooFew]).isEmpty, "there are more in it than are known")
            #expect(try await delete(all) == [all[0].position, all[2].position])
            #expect(try await rows(of: database) == [all[1], all[3]])
        }
    }

    @Test func `are parted by saga if one goes on for long, and what is settled goes`() async throws {
        try await withOutbox { database in
            let settled = try await saga(in: database, isSettled: true)
            let open = try await [saga(in: database, isSettled: false), saga(in: database, isSettled: false)]
            let events = [event(open[0]), event(settled), event(open[1]), event(open[0], "b.made"), event(nil)]
            try await add(events, to: database)
            let all = try await rows(of: database)
            try await database.write { [table] in try table.keep(all, Self.closed, in: $0) }
            #expect(try await rows(of: database).map(\.size).sorted() == [1, 2])
            let kept = try await deliveries(in: database).map(\.envelope)
            #expect(kept.filter { $0.subject == open[0] } == [events[0], events[3]])
            #expect(kept.filter { $0.subject == open[1] } == [events[2]])
            #expect(try await database.read { try OutboxReader.extent(in: $0) }.unacknowledged == 0)

            try await database.write {
                try $0.execute("UPDATE made_saga SET settled = TRUE WHERE subject = \(open[0])")
            }
            let pruner = OutboxPruner(
                store: SQLSagaStore(database), clock: ManualClock(), participants: [],
                stateTables: ["maker": "made_saga"], acknowledgements: .receipts)
            _ = try await pruner.poll()
            #expect(try await deliveries(in: database).map(\.envelope) == [events[2]])
        }
    }

    @Test func `are sent again by saga, and there are never more than two of one`() async throws {
        try await withOutbox { database in
            let (one, two) = (UUID(), UUID())
            let events = [event(one), event(two), event(one, "b.made"), event(one, "asked")]
            try await add(events, to: database)
            let first = try await deliveries(in: database)
            let requeue = { (subjects: [UUID]) in
                try await database.write { try Outbox.requeue(subjects, of: "maker", except: "asked", in: $0) }
            }
            for _ in 1...3 {
                #expect(try await requeue([one, UUID()]) == [one])
                let now = try await deliveries(in: database)
                #expect(now.prefix(4).map(\.position) == first.map(\.position), "they are another saga's too")
                #expect(now.dropFirst(4).map(\.envelope) == [events[0], events[2]])
            }
            let held = try await database.read { try OutboxReader.held(of: one, in: $0) }
            #expect(held == [events[0], events[2], events[3]])
            #expect(try await requeue([one, two]) == [one, two])
            #expect(try await deliveries(in: database).count == 7)
            #expect(try await database.write { try Outbox.requeue([one], of: "taker", except: "asked", in: $0) } == [])
        }
    }

    @Test func `are not taken out if they come while others are`() async throws {
        try await withOutbox { database in
            let subject = UUID()
            let (early, late) = (event(subject), event(subject))
            try await add([early], to: database)
            let added = Mutex(false)
            try await database.write { transaction in
                let interrupted = InterruptedTransaction(base: transaction) {
                    guard
                        added.withLock({ was in
                            defer { was = true }
                            return !was
                        })
                    else { return }
                    let done = DispatchSemaphore(value: 0)
                    Task.detached {
                        try await database.write { try Outbox.append([late], in: $0) }
                        done.signal()
                    }
                    done.wait()
                }
                let requeued = try Outbox.requeue([subject], of: "maker", except: "asked", in: interrupted)
                #expect(requeued == [subject])
            }
            #expect(try await Set(deliveries(in: database).map(\.envelope.id)) == [early.id, late.id])
        }
    }

    @Test func `are what single rows of an earlier version become, and the view takes such rows`() async throws {
        try await withPostgres(PostgresSettings(poolSize: 3, searchPath: ["public", "saga"])) { database in
            try await Migrator(EngineMigrations.postgres.filter { $0.id < "saga/0005" }).migrate(database, now: 0)
            let events = [event(UUID()), event(UUID()), event(nil, by: "taker")]
            try await insert(events, into: database)
            try await Migrator(EngineMigrations.postgres).migrate(database, now: 0)
            #expect(try await deliveries(in: database).map(\.envelope) == events)
            let later = [event(UUID())]
            try await insert(later, into: database)
            #expect(try await deliveries(in: database).map(\.envelope) == events + later)
            #expect(try await rows(of: database).map(\.size) == [2, 1, 1])
        }
    }

    private func insert(_ events: [Envelope], into database: PostgresDatabase) async throws {
        try await database.write { transaction in
            for event in events {
                try transaction.execute(
                    """
                    INSERT INTO saga_outbox (id, type, version, source, subject, time, correlation_id, data) VALUES (
                        \(event.id), \(event.type.name), \(event.version), \(event.source.name), \(event.subject),
                        \(event.time.milliseconds), \(event.correlationID), \(String(decoding: event.data, as: UTF8.self)))
                    """)
            }
        }
    }

    /// Lets something happen after each query.
    private struct InterruptedTransaction: SQLTransaction {
        let base: any SQLTransaction
        let interruption: () -> Void

        var dialect: SQLDialect { base.dialect }
        var origin: Int64? { base.origin }

        func execute(_ statement: SQLStatement) throws -> Int { try base.execute(statement) }
        func execute(all statements: [SQLStatement]) throws -> Int { try base.execute(all: statements) }
        func rows(_ statement: SQLStatement) throws -> [SQLRow] {
            defer { interruption() }
            return try base.rows(statement)
        }
        func later(_ change: SQLStatement, _ body: @escaping ([SQLRow]) throws -> Void) throws {
            try base.later(change, body)
        }
        func script(_ sql: String) throws { try base.script(sql) }
        func announce(_ news: any Sendable) { base.announce(news) }
    }

    @Test func `have as many of each part as there are`() async throws {
        try await withOutbox { database in
            let error = await #expect(throws: SQLError.self) {
                try await database.write { transaction in
                    try transaction.execute(
                        """
                        INSERT INTO saga_outbox_bundles (size, source, time, ids, types, versions, subjects, times,
                            correlation_ids, causation_ids, traceparents, data)
                        VALUES (1, 'maker', 1, ARRAY[\(UUID())]::uuid[], ARRAY['a.made'], ARRAY[1], '{}', ARRAY[1],
                            ARRAY[NULL]::uuid[], ARRAY[NULL]::uuid[], ARRAY[NULL], ARRAY['{}'])
                        """)
                }
            }
            #expect(error?.code == .constraint)
        }
    }
}
