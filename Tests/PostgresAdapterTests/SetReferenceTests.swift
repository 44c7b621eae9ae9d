import Foundation
import PostgresAdapter
import SQLCore
import TestServers
import Testing

@Suite(
    "References that are checked by set",
    .enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct SetReferenceTests {
    private func withShelf(_ body: (PostgresDatabase) async throws -> Void) async throws {
        try await withPostgres(PostgresSettings(poolSize: 2, searchPath: ["shop", "public"])) { database in
            try await database.write { transaction in
                try transaction.script(
                    """
                    CREATE SCHEMA shop;
                    CREATE TABLE shop.boxes (id UUID PRIMARY KEY, label TEXT);
                    CREATE TABLE shop.things (name TEXT PRIMARY KEY, box UUID REFERENCES shop.boxes (id), weight BIGINT);
                    """)
                try transaction.script(
                    SetReference.statements([SetReference("things", "box", to: "boxes", "id")], in: "shop"))
            }
            try await body(database)
        }
    }

    private func expectRefusal(_ statement: SQLStatement, of database: PostgresDatabase) async {
        let error = await #expect(throws: SQLError.self) {
            try await database.write { _ = try $0.execute(statement) }
        }
        #expect(error?.code == .constraint)
    }

    @Test("rows that refer to one that is there, or to none, are taken, however many come in a statement")
    func taken() async throws {
        try await withShelf { database in
            let box = UUID()
            try await database.write { transaction in
                try transaction.execute("INSERT INTO boxes VALUES (\(box), 'small')")
                try transaction.execute(
                    "INSERT INTO things SELECT n::text, \(box), n FROM generate_series(1, 1000) AS n")
                try transaction.execute("INSERT INTO things VALUES ('loose', NULL, 1)")
                try transaction.execute("UPDATE things SET weight = 2")
                try transaction.execute("UPDATE boxes SET label = 'large'")
            }
            let count = try await database.read {
                try $0.first("SELECT COUNT(*) AS n FROM things WHERE weight = 2")?.int("n")
            }
            #expect(count == 1001)
        }
    }

    @Test("one row that refers to nothing refuses its statement, also as a change of what is there")
    func refused() async throws {
        try await withShelf { database in
            let box = UUID()
            try await database.write { try $0.execute("INSERT INTO boxes VALUES (\(box), 'small')") }
            await expectRefusal("INSERT INTO things VALUES ('good', \(box), 1), ('bad', \(UUID()), 1)", of: database)
            await expectRefusal(
                "INSERT INTO things VALUES ('bad', \(UUID()), 1) ON CONFLICT (name) DO UPDATE SET weight = 2",
                of: database)
            let count = try await database.read { try $0.first("SELECT COUNT(*) AS n FROM things")?.int("n") }
            #expect(count == 0)
        }
    }

    @Test("what is referred to cannot go or get another key, and no reference changes")
    func kept() async throws {
        try await withShelf { database in
            let box = UUID()
            try await database.write { transaction in
                try transaction.execute("INSERT INTO boxes VALUES (\(box), 'small')")
                try transaction.execute("INSERT INTO things VALUES ('thing', \(box), 1)")
            }
            await expectRefusal("DELETE FROM boxes", of: database)
            await expectRefusal("UPDATE boxes SET id = \(UUID())", of: database)
            await expectRefusal("UPDATE things SET box = \(UUID())", of: database)
            await expectRefusal("TRUNCATE boxes CASCADE", of: database)
        }
    }
}
