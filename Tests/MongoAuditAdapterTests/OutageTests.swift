import Audit
import AuditContract
import Foundation
import ProcessDriver
import SagaChoreography
import Synchronization
import TestServers
import Testing

@testable import MongoAuditAdapter

@Suite(
    .enabled(if: MongoServer.requirement.allowsTests, "\(MongoServer.requirement.explanation)"),
    .timeLimit(.minutes(5)))
struct `A store in MongoDB` {
    @Test func `whose server is away says so, whatever it is asked`() async throws {
        let settings = try MongoSettings(
            port: try freePort(), database: "trail", username: "audit", password: "s3cret",
            connectTimeout: .milliseconds(200), serverSelectionTimeout: .milliseconds(300))
        let store = MongoEntryStore(settings)
        let entries = SampleEntries.varied(1...3)
        let calls: [@Sendable () async throws -> Void] = [
            { try await store.prepare() }, { try await store.put(entries) }, { try await store.replace(entries) },
            { _ = try await store.entries(AuditFilter(), in: 1...9, .oldestFirst, limit: 1) },
            { try await store.remove(1...9) }, { _ = try await store.heads() },
            { try await store.put(heads: [KeptHead(sequence: 1, hash: entries[0].hash)]) },
            {
                _ = try await store.tallies(
                    in: 1...9, from: Timestamp(milliseconds: 0), until: Timestamp(milliseconds: 1))
            },
        ]
        for call in calls {
            let error = await #expect(throws: SagaFault.self) { try await call() }
            #expect(error.map { isUnavailable($0) && !$0.summary.contains("s3cret") } == true)
        }
        await store.close()
    }

    private final class Writing: Sendable {
        private let state = Mutex((acknowledged: [LoggedEntry](), isOver: false))

        var acknowledged: [LoggedEntry] { state.withLock(\.acknowledged) }
        var isOver: Bool { state.withLock(\.isOver) }
        func acknowledge(_ batch: [LoggedEntry]) { state.withLock { $0.acknowledged += batch } }
        func end() { state.withLock { $0.isOver = true } }
    }

    @Test func `whose server was killed has what it acknowledged, and works again`() async throws {
        try await MongoServer.with { server in
            let store = MongoEntryStore(try settings(server))
            try await store.prepare()
            let writing = Writing()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<6 {
                    group.addTask {
                        var first = Int64(writer) * 1_000_000 + 1
                        while !writing.isOver {
                            let batch = SampleEntries.varied(first...(first + 19))
                            do { try await store.put(batch) } catch {
                                #expect(isUnavailable(error))
                                // The same batch again, of which some may be there.
                                continue
                            }
                            writing.acknowledge(batch)
                            first += 20
                        }
                    }
                }
                // Also when something is thrown: the group waits for its tasks.
                defer { writing.end() }
                for turn in 1...2 {
                    try await until("batches to be acknowledged") { writing.acknowledged.count >= turn * 600 }
                    try await server.kill()
                    try await server.restart()
                }
                let before = writing.acknowledged.count
                try await until("more to be acknowledged") { writing.acknowledged.count >= before + 400 }
                writing.end()
                try await group.waitForAll()
            }
            let expected = writing.acknowledged.sorted { $0.sequence < $1.sequence }
            let there = try await store.entries(AuditFilter(), in: 1...Int64.max, .oldestFirst, limit: 1_000_000)
            #expect(there == expected)
            await store.close()
        }
    }

    @Test func `whose server keeps silent holds up its callers alone, and no longer than it may`() async throws {
        try await MongoServer.with { server in
            var bounded = try settings(server, pool: 2)
            bounded.socketTimeout = .milliseconds(400)
            bounded.acquireTimeout = .milliseconds(100)
            bounded.serverSelectionTimeout = .milliseconds(500)
            let store = MongoEntryStore(bounded)
            try await store.prepare()
            await server.suspend()
            let errors = await withTaskGroup(of: (any Error)?.self) { group in
                for place in 1...Int64(8) {
                    group.addTask {
                        do { try await store.put([SampleEntries.entry(place)]) } catch { return error }
                        return nil
                    }
                }
                return await group.reduce(into: [any Error]()) { if let error = $1 { $0.append(error) } }
            }
            await server.resume()
            #expect(errors.count == 8)
            #expect(errors.allSatisfy(isUnavailable))
            #expect(errors.contains { "\($0)".contains("none of 2 connections became free in 100 ms") })
            try await putUntilItWorks(SampleEntries.varied(1...9), into: store)
            #expect(try await store.entries(AuditFilter(), in: 1...99, .oldestFirst, limit: 99).count == 9)
            await store.close()
        }
    }

    @Test func `blocks no thread of Swift's while it waits`() async throws {
        try await MongoServer.with { server in
            let store = MongoEntryStore(try settings(server, pool: 16))
            try await store.prepare()
            await server.suspend()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for place in 1...Int64(16) { group.addTask { try await store.put([SampleEntries.entry(place)]) } }
                // If they held all threads, nobody would come to wake the server, and they would end in vain.
                for _ in 0..<50 { try await pause(.milliseconds(2)) }
                await server.resume()
                try await group.waitForAll()
            }
            #expect(try await store.entries(AuditFilter(), in: 1...99, .oldestFirst, limit: 99).count == 16)
            await store.close()
        }
    }

    @Test func `that is closed is unavailable`() async throws {
        let store = MongoEntryStore(try settings(try await MongoServer.shared()))
        try await store.prepare()
        await store.close()
        let error = await #expect(throws: SagaFault.self) { try await store.prepare() }
        #expect(error.map(isUnavailable) == true)
        await store.close()
    }
}
