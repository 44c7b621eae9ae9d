import PostgresAdapter
import SQLCore
import TestServers
import Testing

@Suite(.enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct AskingTests {
    private func prepare(_ database: PostgresDatabase) async throws {
        try await database.write {
            try $0.script("CREATE TABLE t (id BIGINT PRIMARY KEY, n BIGINT NOT NULL CHECK (n >= 0))")
            for id in 1...3 { try $0.execute("INSERT INTO t (id, n) VALUES (\(id), \(0))") }
        }
    }

    private func reading(_ id: Int64) -> SQLStatement { "SELECT n FROM t WHERE id = \(id)" }

    @Test func `what is asked together is answered in order, each after the changes before it`() async throws {
        try await withPostgres { database in
            try await prepare(database)
            let seen = try await database.write { transaction in
                let first = try transaction.asking([reading(1), reading(2)])
                try transaction.later("UPDATE t SET n = 7 WHERE id = \(1)", changing: nil)
                let second = Pending(try transaction.asking([reading(1)])) { try $0.map { try $0.int64("n") } }
                let nothing = try transaction.asking([])
                return (
                    try first.rows().map { try $0.int64("n") }, try second.answer(), try nothing.rows().count,
                    try first.rows().count
                )
            }
            #expect(seen.0 == [0, 0])
            #expect(seen.1 == [7])
            #expect(seen.2 == 0)
            #expect(seen.3 == 2, "an answer can be looked at again")
        }
    }

    @Test func `a change that is refused is heard of where an answer is waited for`() async throws {
        try await withPostgres { database in
            try await prepare(database)
            let error = await #expect(throws: SQLError.self) {
                try await database.write { transaction in
                    try transaction.later("UPDATE t SET n = -1 WHERE id = \(1)", changing: nil)
                    let asked = try transaction.asking([reading(2)])
                    do { _ = try asked.rows() } catch { throw error }
                    Issue.record("the answer came although the change before it was refused")
                }
            }
            #expect(error?.code == .constraint)
        }
    }

    @Test func `an answer nobody waited for does no harm, whether the transaction commits or not`() async throws {
        try await withPostgres(PostgresSettings(poolSize: 1)) { database in
            try await prepare(database)
            try await database.write { transaction in
                _ = try transaction.asking([reading(1)])
                try transaction.execute("UPDATE t SET n = 1 WHERE id = \(1)")
                _ = try transaction.asking([reading(2)])
            }
            await #expect(throws: InterruptedByTest.self) {
                try await database.write { transaction in
                    try transaction.execute("UPDATE t SET n = 2 WHERE id = \(1)")
                    _ = try transaction.asking([reading(1)])
                    throw InterruptedByTest()
                }
            }
            #expect(try await database.read { try $0.first(reading(1))?.int64("n") } == 1)
        }
    }

    @Test func `an answer that never came is a mistake of the program`() {
        let error = #expect(throws: SQLError.self) { try PendingRows(of: 1) {}.rows() }
        #expect(error?.code == .misuse)
    }

    private struct InterruptedByTest: Error {}

    @Test func `what serves keeps the plans of its changes from the first time on, and plans what it reads`()
        async throws
    {
        try await withPostgres(PostgresSettings(poolSize: 1, prefersIndexes: true)) { database in
            try await prepare(database)
            let change: SQLStatement = "UPDATE t SET n = n + 1 WHERE id IN (\(list: [1, 2]))"
            for _ in 0..<3 { try await database.write { try $0.execute(change) } }
            let mode: @Sendable (any SQLTransaction) throws -> String? = {
                try $0.first("SELECT current_setting('plan_cache_mode') AS mode")?.text("mode")
            }
            #expect(try await database.read(mode) == "auto")
            #expect(try await database.write(mode) == "force_generic_plan", "a reading leaves the connection as it was")
            let plans = try await database.write { transaction in
                try transaction.rows(
                    """
                    SELECT generic_plans, custom_plans FROM pg_prepared_statements
                    WHERE statement LIKE 'UPDATE t SET n = n + 1%'
                    """
                ).map { [try $0.int64("generic_plans"), try $0.int64("custom_plans")] }
            }
            #expect(plans == [[3, 0]])
        }
    }

    @Test func `the texts that begin and end transactions are read once a connection`() async throws {
        try await withPostgres(PostgresSettings(poolSize: 1)) { database in
            try await prepare(database)
            for _ in 0..<3 {
                try await database.write { try $0.execute("UPDATE t SET n = n + 1 WHERE id = \(1)") }
                _ = try await database.read { try $0.rows(reading(1)) }
            }
            let texts = try await database.write { transaction in
                try transaction.rows(
                    "SELECT statement FROM pg_prepared_statements WHERE name = statement ORDER BY statement"
                ).map { try $0.text("statement") }
            }
            #expect(
                texts == [
                    "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE",
                    "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "COMMIT", "SET LOCAL plan_cache_mode = auto",
                ])
        }
    }
}
