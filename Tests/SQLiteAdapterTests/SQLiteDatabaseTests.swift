import Foundation
import GRDBSQLite
import SQLCore
import SQLiteAdapter
import SagaTesting
import Testing

@Suite struct SQLiteDatabaseTests {
    @Test(arguments: DatabaseContract.cases)
    func `SQLite in memory keeps the database contract`(_ contract: ContractCase<any SQLDatabase>) async throws {
        try await contract.check(SQLiteDatabase.inMemory())
    }

    @Test(arguments: DatabaseContract.cases)
    func `SQLite on disk keeps the database contract`(_ contract: ContractCase<any SQLDatabase>) async throws {
        try await withTemporaryDatabase { path in
            let database = try SQLiteDatabase.open(path: path)
            try await contract.check(database)
            try database.close()
        }
    }

    @Test func `a database on disk runs with WAL and synchronous FULL`() async throws {
        try await withTemporaryDatabase { path in
            let database = try SQLiteDatabase.open(path: path)
            let synchronous = try await database.write { try $0.first("PRAGMA synchronous")?.int64("synchronous") }
            let mode = try await database.write { try $0.first("PRAGMA journal_mode")?.text("journal_mode") }
            #expect(synchronous == 2)
            #expect(mode == "wal")
            try database.close()
        }
    }

    /// The count is one for the process, under one lock that every allocation of every connection takes.
    @Test func `no connection waits for another to count the memory it takes`() async throws {
        let database = try SQLiteDatabase.inMemory()
        _ = try await database.write { try $0.execute("CREATE TABLE held (word TEXT)") }
        #expect(sqlite3_memory_used() == 0)
    }

    @Test(arguments: [SQLiteDatabase.Access.writer, .reader])
    func `what is no database is refused before anything is touched`(access: SQLiteDatabase.Access) async throws {
        try await withTemporaryDatabase { path in
            try Data("a text that is longer than a header".utf8).write(to: URL(filePath: path))
            let text = #expect(throws: SQLError.self) { try SQLiteDatabase.open(path: path, access: access) }
            #expect(text?.detail.contains("is not an SQLite database") == true)
            let folder = URL(filePath: path).deletingLastPathComponent().path
            let refusal = #expect(throws: SQLError.self) { try SQLiteDatabase.open(path: folder, access: access) }
            #expect(refusal?.detail.contains("is a folder") == true)
            #expect(!FileManager.default.fileExists(atPath: path + ".lock"))
        }
    }

    #if os(Linux)
        @Test func `the lock is given up though a program that is being started has a copy of its descriptor`()
            async throws
        {
            try await withTemporaryDatabase { path in
                let database = try SQLiteDatabase.open(path: path)
                let copy = try #require(try Self.copyOfDescriptor(for: path + ".lock"))
                defer { close(copy) }
                try database.close()
                try SQLiteDatabase.open(path: path).close()
            }
        }

        private static func copyOfDescriptor(for path: String) throws -> Int32? {
            let folder = "/proc/self/fd"
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                var target = [CChar](repeating: 0, count: 4096)
                let length = readlink("\(folder)/\(name)", &target, target.count)
                guard length > 0, let number = Int32(name) else { continue }
                let text = String(decoding: target.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
                if text == path { return dup(number) }
            }
            return nil
        }
    #endif

    @Test func `a second writer is refused with a message that says what to do, a reader is not`() async throws {
        try await withTemporaryDatabase { path in
            let database = try SQLiteDatabase.open(path: path)
            try await database.write { try $0.script("CREATE TABLE t (a INTEGER); INSERT INTO t VALUES (7);") }
            let refusal = #expect(throws: SQLError.self) { try SQLiteDatabase.open(path: path) }
            #expect(refusal?.code == .locked)
            #expect(refusal?.detail.contains("stop it, or choose another DATABASE_NAME") == true)

            let reader = try SQLiteDatabase.open(path: path, access: .reader)
            let value = try await reader.read { try $0.first("SELECT a FROM t")?.int64("a") }
            #expect(value == 7)
            await #expect(throws: SQLError.self) { try await reader.write { try $0.execute("DELETE FROM t") } }
            try reader.close()
            try database.close()
            try SQLiteDatabase.open(path: path).close()
        }
    }

    @Test func `a reader of a missing file says so and creates nothing`() async throws {
        try await withTemporaryDatabase { path in
            let refusal = #expect(throws: SQLError.self) { try SQLiteDatabase.open(path: path, access: .reader) }
            #expect(refusal?.code == .unavailable)
            #expect(!FileManager.default.fileExists(atPath: path))
        }
    }

    @Test func `a transaction handle that escapes its closure is refused`() async throws {
        final class Escape: @unchecked Sendable { var transaction: (any SQLTransaction)? }
        let database = try SQLiteDatabase.inMemory()
        let escape = Escape()
        try await database.write { escape.transaction = $0 }
        let refusal = #expect(throws: SQLError.self) { try escape.transaction?.execute("SELECT 1") }
        #expect(refusal?.code == .misuse)
    }
}

/// A path for a database in a folder of its own that is removed afterwards.
func withTemporaryDatabase(_ body: (String) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("purchase-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder.appendingPathComponent("test.sqlite").path)
}
