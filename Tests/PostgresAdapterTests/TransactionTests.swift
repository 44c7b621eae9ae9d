import Dispatch
import PostgresAdapter
import SQLCore
import Synchronization
import TestServers
import Testing

@Suite(.enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct TransactionTests {
    private func prepare(_ database: PostgresDatabase) async throws {
        try await database.write {
            try $0.script(
                "CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL CHECK (n >= 0), note TEXT, key TEXT UNIQUE)")
            for id in 1...2 { try $0.execute("INSERT INTO t (id, n) VALUES (\(id), \(0))") }
        }
    }

    private func sum(_ database: PostgresDatabase) async throws -> Int64? {
        try await database.read { try $0.first("SELECT SUM(n) AS n FROM t")?.int64("n") }
    }

    @Test func `transactions that deadlock are run again, and nothing is lost`() async throws {
        // The server takes a second to see each deadlock, and whoever waits for a connection waits for all before him.
        try await withPostgres(PostgresSettings(poolSize: 4, acquireTimeout: .seconds(120))) { database in
            try await prepare(database)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 {
                    // Half of them lock the rows in the other order.
                    let ids: [Int64] = number % 2 == 0 ? [1, 2] : [2, 1]
                    group.addTask {
                        try await database.write { transaction in
                            for id in ids { try transaction.execute("UPDATE t SET n = n + 1 WHERE id = \(id)") }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await sum(database) == 40)
        }
    }

    @Test func `a value that does not fit is a mistake of the program, also in a transaction that only writes`()
        async throws
    {
        try await withPostgres { database in
            try await prepare(database)
            let insertion = "INSERT INTO t (id, n) VALUES ($1, $2)"
            try await database.write {
                try $0.later(SQLStatement(insertion, values: [.integer(3), .integer(1)]), changing: nil)
            }
            let error = await #expect(throws: SQLError.self) {
                try await database.write {
                    try $0.later(SQLStatement(insertion, values: [.integer(4), .list([.integer(1)])]), changing: nil)
                }
            }
            #expect(error?.code == .misuse)
            #expect(try await sum(database) == 1, "the connection is of use")
        }
    }

    @Test func `a connection that the server ended before the commit costs another run`() async throws {
        try await withPostgres { database in
            try await prepare(database)
            let runs = Mutex(0)
            try await database.write { transaction in
                let run = runs.withLock { runs in
                    runs += 1
                    return runs
                }
                try transaction.execute("UPDATE t SET n = n + 1 WHERE id = \(1)")
                if run == 1 { _ = try transaction.rows("SELECT pg_terminate_backend(pg_backend_pid()) AS ended") }
                try transaction.execute("UPDATE t SET n = n + 1 WHERE id = \(2)")
            }
            #expect(runs.withLock { $0 } == 2)
            #expect(try await sum(database) == 2)
        }
    }

    @Test func `reads go on over another connection when theirs has ended`() async throws {
        try await withPostgres { database in
            try await prepare(database)
            #expect(try await sum(database) == 0)
            try await PostgresServer.shared().administer(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '\(database.endpoint.database)'"
            )
            #expect(try await sum(database) == 0)
        }
    }

    @Test func `two that insert the same key at once: the second finds the first's row`() async throws {
        try await withPostgres { database in
            try await prepare(database)
            let made = try await withThrowingTaskGroup(of: Bool.self) { group in
                for id in 10..<30 {
                    group.addTask {
                        try await database.write { transaction in
                            if try transaction.first("SELECT id FROM t WHERE key = \("one")") != nil { return false }
                            try transaction.execute("INSERT INTO t (id, n, key) VALUES (\(id), \(1), \("one"))")
                            return true
                        }
                    }
                }
                return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            #expect(made == 1)
        }
    }

    @Test func `a statement prepared with NULL takes a value later, and the other way round`() async throws {
        try await withPostgres { database in
            try await prepare(database)
            for note in [nil, "a", nil, "b"] as [String?] {
                let change: SQLStatement = "UPDATE t SET note = \(note) WHERE id = \(1)"
                try await database.write { _ = try $0.execute(change) }
                let read = try await database.read {
                    try $0.first("SELECT note FROM t WHERE id = \(1)")?.optionalText("note")
                }
                #expect(read == note)
            }
        }
    }

    @Test func `sums, averages and what is beyond a whole number are read as numbers`() async throws {
        try await withPostgres { database in
            let row = try await database.read { transaction in
                try transaction.first(
                    """
                    SELECT SUM(v) AS sum, AVG(v) AS avg, MIN(v)::numeric * 1000000000000 AS large, 0::numeric AS zero,
                        -12345.678::numeric AS fraction, 9223372036854775807::numeric AS most,
                        -9223372036854775808::numeric AS least
                    FROM (VALUES (10000::bigint), (20001)) AS t (v)
                    """)
            }
            let found = try #require(row)
            #expect(try found.int64("sum") == 30_001)
            #expect(try found.double("avg") == 15_000.5)
            #expect(try found.int64("large") == 10_000_000_000_000_000)
            #expect(try found.int64("zero") == 0)
            #expect(abs(try found.double("fraction") + 12_345.678) < 1e-9)
            #expect(try found.int64("most") == .max)
            #expect(try found.int64("least") == .min)
        }
    }

    @Test func `an error names the constraint and shows no value`() async throws {
        try await withPostgres { database in
            try await prepare(database)
            let error = await #expect(throws: SQLError.self) {
                try await database.write { try $0.execute("UPDATE t SET n = \(-4711) WHERE id = \(1)") }
            }
            #expect(error?.code == .constraint)
            #expect(error?.detail.contains("t_n_check") == true)
            #expect(error?.detail.contains("4711") == false)
            let syntax = await #expect(throws: SQLError.self) {
                _ = try await database.read { try $0.rows("SELECT \("topsecret")::uuid AS id") }
            }
            #expect(syntax?.detail.contains("topsecret") == false)
        }
    }

    @Test func `who waits too long for a connection is told how many there are`() async throws {
        try await withPostgres(PostgresSettings(poolSize: 2, acquireTimeout: .milliseconds(50))) { database in
            try await prepare(database)
            let errors = await withTaskGroup(of: (any Error)?.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        do {
                            try await database.write { _ = try $0.rows("SELECT pg_sleep(0.3) IS NULL AS slept") }
                            return nil
                        } catch { return error }
                    }
                }
                return await group.reduce(into: [any Error]()) { if let error = $1 { $0.append(error) } }
            }
            #expect(!errors.isEmpty)
            for error in errors {
                #expect((error as? SQLError)?.code == .unavailable)
                #expect("\(error)".contains("none of 2 connections"))
            }
            let use = database.use
            #expect(use.refusals == errors.count, "\(use)")
            #expect(use.waits >= use.refusals, "\(use)")
            #expect(use.waited >= .milliseconds(50) * use.refusals, "\(use)")
            #expect(use.waiting == 0 && use.limit == 2, "\(use)")
        }
    }

    @Test func `a lock that is not given in time is busy, and is not waited for again`() async throws {
        try await withPostgres(PostgresSettings(poolSize: 3, lockTimeout: .milliseconds(50))) { database in
            try await prepare(database)
            let runs = Mutex(0)
            let (isHeld, held) = AsyncStream<Void>.makeStream()
            // Blocks the thread of the connection that holds the lock, nobody else.
            let isTried = DispatchSemaphore(value: 0)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await database.write { transaction in
                        try transaction.execute("UPDATE t SET n = n + 1 WHERE id = \(1)")
                        held.finish()
                        isTried.wait()
                    }
                }
                for await _ in isHeld {}
                let error = await #expect(throws: SQLError.self) {
                    try await database.write { transaction in
                        runs.withLock { $0 += 1 }
                        try transaction.execute("UPDATE t SET n = n + 1 WHERE id = \(1)")
                    }
                }
                isTried.signal()
                #expect(error?.code == .busy)
                try await group.waitForAll()
            }
            #expect(runs.withLock { $0 } == 1)
        }
    }
}
