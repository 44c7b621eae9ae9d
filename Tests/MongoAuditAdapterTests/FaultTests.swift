import Audit
import AuditContract
import Foundation
import SagaChoreography
import TestServers
import Testing

@testable import MongoAuditAdapter

/// The server is told to fail commands, as MongoDB's own test command does it.
@Suite(
    .enabled(if: MongoServer.requirement.allowsTests, "\(MongoServer.requirement.explanation)"),
    .timeLimit(.minutes(5)))
struct `What a server of MongoDB's answers` {
    /// Runs `body` with a prepared store and something that lets commands fail from now on.
    private nonisolated(nonsending) func withFailures(
        _ body: (MongoEntryStore, (BSONDocument, _ times: Int32?) async throws -> Void) async throws -> Void
    ) async throws {
        try await MongoServer.with(["--enable-test-commands"]) { server in
            let administration = MongoLanes(
                try MongoSettings(port: server.port, database: "admin", serverSelectionTimeout: .seconds(30)))
            try await withStore(on: server) { store in
                try await body(store) { data, times in
                    let mode: BSONValue = times.map { .document(["times": .int32($0)]) } ?? .string("alwaysOn")
                    try await administration.run { connection in
                        try connection.command([
                            "configureFailPoint": .string("failCommand"),
                            "mode": data.fields.isEmpty ? .string("off") : mode, "data": .document(data),
                        ])
                    }
                }
            }
            await administration.close()
        }
    }

    private func fault(_ body: () async throws -> Void) async -> SagaFault? {
        do { try await body() } catch { return error as? SagaFault }
        return nil
    }

    private func commands(_ names: String..., code: Int32) -> BSONDocument {
        ["failCommands": .array(names.map { .string($0) }), "errorCode": .int32(code)]
    }

    @Test func `is unavailability when it is not the primary, or took too long`() async throws {
        try await withFailures { store, fail in
            let entries = SampleEntries.varied(1...5)
            for (code, name) in [(10107, "NotWritablePrimary"), (13435, "NotPrimaryNoSecondaryOk"), (91, "ShutdownIn")]
            {
                try await fail(commands("insert", code: Int32(code)), nil)
                let fault = await fault { try await store.put(entries) }
                guard case .unavailable(let text)? = fault else {
                    Issue.record("\(name): \(String(describing: fault))")
                    continue
                }
                #expect(text.contains(name))
                try await fail([:], nil)
                try await putUntilItWorks(entries, into: store)
            }
            try await fail(commands("find", "aggregate", code: 50), nil)
            let fault = await fault { _ = try await store.entries(AuditFilter(), in: 1...9, .oldestFirst, limit: 1) }
            guard case .unavailable? = fault else {
                Issue.record("\(String(describing: fault))")
                return
            }
            try await fail([:], nil)
            let there = try await store.entries(AuditFilter(), in: 1...9, .oldestFirst, limit: 9)
            #expect(there == entries)
        }
    }

    @Test func `of another kind is tried again, and none of its text is told`() async throws {
        try await withFailures { store, fail in
            try await fail(commands("insert", "delete", code: 2), nil)
            for call in [store.put, store.replace] {
                guard case .retryable(let text)? = await fault({ try await call(SampleEntries.varied(1...2)) }) else {
                    Issue.record("not retryable")
                    continue
                }
                #expect(text.hasSuffix("refused (2)"))
            }
        }
    }

    @Test func `without most of the set behind it acknowledges nothing, not even what is there`() async throws {
        try await withFailures { store, fail in
            let entries = SampleEntries.varied(1...5)
            try await fail(
                [
                    "failCommands": .array([.string("insert")]),
                    "writeConcernError": .document(["code": .int32(64), "errmsg": .string("waited in vain")]),
                ], nil)
            for turn in ["new", "there, and perhaps not for long"] {
                let fault = await fault { try await store.put(entries) }
                guard case .unavailable(let text)? = fault else {
                    Issue.record("\(turn): \(String(describing: fault))")
                    continue
                }
                #expect(text.hasSuffix("not confirmed by most servers of the set"))
            }
            try await fail([:], nil)
            try await store.put(entries)
            let there = try await store.entries(AuditFilter(), in: 1...9, .oldestFirst, limit: 9)
            #expect(there == entries)
        }
    }

    @Test func `that is lost once with its connection is asked for again`() async throws {
        try await withFailures { store, fail in
            let entries = SampleEntries.varied(1...5)
            for command in ["insert", "find"] {
                try await fail(
                    ["failCommands": .array([.string(command)]), "closeConnection": .bool(true)], 1)
                try await store.put(entries)
                let there = try await store.entries(AuditFilter(), in: 1...9, .oldestFirst, limit: 9)
                #expect(there == entries)
            }
        }
    }
}
