import Audit
import AuditContract
import Foundation
import SagaChoreography
import TestServers
import Testing

@testable import MongoAuditAdapter

@Suite(
    .enabled(if: MongoServer.requirement.allowsTests, "\(MongoServer.requirement.explanation)"),
    .timeLimit(.minutes(5)))
struct `What MongoDB refuses or does not understand` {
    @Test func `is undecodable if it is no entry, and says which field`() async throws {
        let settings = try settings(try await MongoServer.shared())
        let (store, lanes) = (MongoEntryStore(settings), MongoLanes(settings))
        try await store.prepare()
        _ = try await lanes.run { connection in
            try connection.insert([["_id": .uuid(UUID()), "sequence": .int64(1)]], into: EntryIndexes.entries)
        }
        _ = try await lanes.run { connection in
            try connection.insert([["_id": .int64(1), "hash": .int32(1)]], into: EntryIndexes.heads)
        }
        await #expect(
            throws: SagaFault.permanent(
                .undecodable, "MongoDB: field 'status' of an audit entry is missing or wrong")
        ) { try await store.entries(AuditFilter(), in: 1...9, .oldestFirst, limit: 1) }
        await #expect(
            throws: SagaFault.permanent(
                .undecodable, "MongoDB: field 'hash' of the head of a segment is missing or wrong")
        ) { try await store.heads() }
        await lanes.close()
        await store.close()
    }

    @Test func `is a broken contract if it is too large for a document, and nothing of it is there`() async throws {
        try await withStore(on: try await MongoServer.shared()) { store in
            let large = SampleEntries.entry(2) { $0.details = Data(repeating: UInt8(ascii: "a"), count: 17_000_000) }
            let error = await #expect(throws: SagaFault.self) {
                try await store.put([SampleEntries.entry(1), large])
            }
            guard case .permanent(.contract, _)? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            let there = try await store.entries(AuditFilter(), in: 2...2, .oldestFirst, limit: 1)
            #expect(there.isEmpty)
        }
    }

    @Test func `is unavailable with a wrong password, which is not told`() async throws {
        try await MongoServer.with { server in
            let administration = MongoLanes(
                try MongoSettings(port: server.port, database: "admin", serverSelectionTimeout: .seconds(30)))
            try await administration.run { connection in
                try connection.command([
                    "createUser": .string("audit"), "pwd": .string("p@ss:wörd/1"),
                    "roles": .array([.document(["role": .string("readWrite"), "db": .string("trail")])]),
                ])
            }
            await administration.close()
            try await server.kill()
            try await server.restart(["--auth"])
            func settings(_ password: String) throws -> MongoSettings {
                try MongoSettings(
                    port: server.port, database: "trail", username: "audit", password: password,
                    serverSelectionTimeout: .seconds(30))
            }
            let uri = "mongodb://audit:p%40ss%3Aw%C3%B6rd%2F1@127.0.0.1:\(server.port)/trail?authSource=admin"
            for right in [try settings("p@ss:wörd/1"), try MongoSettings(uri: uri + "&serverSelectionTimeoutMS=30000")]
            {
                let store = MongoEntryStore(right)
                try await store.prepare()
                try await store.put(SampleEntries.varied(1...5))
                await store.close()
            }
            let nobody = try MongoSettings(port: server.port, database: "trail", serverSelectionTimeout: .seconds(30))
            for wrong in [try settings("guessed"), nobody] {
                let store = MongoEntryStore(wrong)
                let error = await #expect(throws: SagaFault.self) { try await store.put(SampleEntries.varied(6...7)) }
                guard case .unavailable(let text)? = error else {
                    Issue.record("\(String(describing: error))")
                    continue
                }
                #expect(!text.contains("guessed"))
                await store.close()
            }
        }
    }

    @Test func `is unavailable if its certificate is nobody's, or it is asked without encryption`() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "purchase-mongo-tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { removeOrRecord(folder) }
        try TestCertificate.make(in: folder)
        let certificate = folder.appending(path: "certificate.pem").path
        let options = ["--tls-cert-file", certificate, "--tls-key-file", folder.appending(path: "key.pem").path]
        try await MongoServer.with(options) { server in
            let encoded = certificate.replacing("/", with: "%2F")
            let known =
                "mongodb://127.0.0.1:\(server.port)/trail?tls=true&tlsCAFile=\(encoded)&serverSelectionTimeoutMS=30000"
            let store = MongoEntryStore(try MongoSettings(uri: known))
            try await store.prepare()
            try await store.put(SampleEntries.varied(1...5))
            let there = try await store.entries(AuditFilter(), in: 1...9, .oldestFirst, limit: 9)
            #expect(there == SampleEntries.varied(1...5))
            await store.close()
            for isEncrypted in [true, false] {
                let store = MongoEntryStore(
                    try MongoSettings(
                        port: server.port, database: "trail", ssl: isEncrypted, connectTimeout: .seconds(1),
                        serverSelectionTimeout: .seconds(1)))
                let error = await #expect(throws: SagaFault.self) { try await store.prepare() }
                #expect(error.map(isUnavailable) == true)
                await store.close()
            }
        }
    }

    private func removeOrRecord(_ folder: URL) {
        do { try FileManager.default.removeItem(at: folder) } catch { Issue.record(error) }
    }
}
