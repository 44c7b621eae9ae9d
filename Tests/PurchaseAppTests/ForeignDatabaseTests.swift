import Foundation
import Logging
import SQLCore
import SQLiteAdapter
import Testing

@testable import PurchaseApp

@Suite struct `A database of another program` {
    @Test func `is refused by whoever would write to it or read it, and stays as it was`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "foreign-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "foreign.sqlite").path
        let foreign = try SQLiteDatabase.open(path: path)
        try await foreign.write { try $0.script("CREATE TABLE theirs (a INTEGER); INSERT INTO theirs VALUES (7);") }
        try foreign.close()
        let before = FileManager.default.contents(atPath: path)

        let configuration = try await PurchaseConfiguration.load(
            environment: ["DATABASE_NAME": path], directory: folder.path)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let attempts: [() async throws -> Void] = [
            { _ = try await PurchaseDatabase.openToWrite(configuration, logger: quiet) },
            { _ = try await PurchaseDatabase.openToRead(configuration) },
            { _ = try await PurchaseDatabase.pending(configuration) },
            { _ = try await Restoration(configuration).restore(from: path, replacing: true) },
        ]
        for attempt in attempts {
            let refusal = await #expect(throws: SQLError.self) { try await attempt() }
            #expect(
                refusal?.detail.contains("is another program's database") == true, "\(String(describing: refusal))")
        }
        #expect(FileManager.default.contents(atPath: path) == before)
        try FileManager.default.removeItem(at: folder)
    }

    @Test func `of a newer version is refused by whoever would write to it or read it, with what to do`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "newer-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "newer.sqlite").path
        let configuration = try await PurchaseConfiguration.load(
            environment: ["DATABASE_NAME": path], directory: folder.path)
        let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let newer = try await PurchaseDatabase.openToWrite(configuration, logger: quiet)
        try await newer.write {
            try $0.script("INSERT INTO schema_migrations VALUES ('orders/9999_later', 'x', 0);")
        }
        try newer.close()
        for attempt in [
            { _ = try await PurchaseDatabase.openToWrite(configuration, logger: quiet) },
            { _ = try await PurchaseDatabase.openToRead(configuration) },
            { _ = try await PurchaseDatabase.pending(configuration) },
        ] as [() async throws -> Void] {
            let refusal = await #expect(throws: SQLError.self) { try await attempt() }
            #expect(refusal?.code == .migration)
            #expect(refusal?.detail.contains("orders/9999_later") == true)
            #expect(refusal?.detail.contains("belongs to a newer version") == true)
        }
        try FileManager.default.removeItem(at: folder)
    }
}
