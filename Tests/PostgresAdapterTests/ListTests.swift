import Foundation
import PostgresAdapter
import SQLCore
import TestServers
import Testing

@Suite(.enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct ListTests {
    @Test func `a list is searched in a column of each type that the server may take it for`() async throws {
        try await withPostgres { database in
            let id = UUID()
            let found = try await database.write { transaction in
                try transaction.script(
                    """
                    CREATE TABLE t (small SMALLINT, middle INTEGER, large BIGINT, word TEXT, short VARCHAR(9), id UUID,
                        bytes BYTEA, share FLOAT8, flag BOOLEAN);
                    """)
                try transaction.execute(
                    """
                    INSERT INTO t VALUES (-7, -70000, -7000000000, 'one', 'two', \(id), \(Data([1, 2])), 0.5, TRUE)
                    """)
                return try transaction.rows(
                    """
                    SELECT 1 AS found FROM t WHERE small IN (\(list: [1, -7])) AND middle IN (\(list: [-70_000, 2]))
                        AND large IN (\(list: [-7_000_000_000])) AND word IN (\(list: ["one", "x"]))
                        AND short IN (\(list: ["two"])) AND id IN (\(list: [UUID(), id]))
                        AND bytes IN (\(list: [Data([1, 2])])) AND share IN (\(list: [0.5, 1])) AND flag IN (\(list: [true]))
                        AND middle NOT IN (\(list: [1, 2])) AND pg_backend_pid() NOT IN (\(list: [1]))
                        AND current_schema() NOT IN (\(list: ["x"]))
                    """
                ).count
            }
            #expect(found == 1)
        }
    }

    @Test func `a list that does not fit is refused before anything is sent`() async throws {
        try await withPostgres { database in
            try await database.write { transaction in
                #expect(throws: SQLError.self) {
                    try transaction.rows("SELECT 1 WHERE pg_backend_pid() IN (\(list: [Int64.max]))")
                }
                #expect(throws: SQLError.self) {
                    try transaction.rows("SELECT 1 WHERE pg_backend_pid() IN (\(list: ["x"]))")
                }
                // The transaction goes on.
                let one = try transaction.first("SELECT 1 AS one")?.int("one")
                #expect(one == 1)
            }
        }
    }
}
