import Audit
import AuditContract
import Foundation
import MongoAuditAdapter
import ProcessDriver
import SagaChoreography
import SagaTesting
import TestServers
import Testing

@Suite(.enabled(if: MongoServer.requirement.allowsTests, "\(MongoServer.requirement.explanation)"))
struct `The contract of entry stores` {
    @Test(arguments: EntryStoreContract.cases)
    func `holds in MongoDB`(_ contract: ContractCase<any EntryStore>) async throws {
        try await withStore(on: try await MongoServer.shared()) { try await contract.check($0) }
    }
}

@Suite struct `The model of entry stores` {
    @Test(arguments: EntryStoreContract.cases)
    func `keeps the contract itself`(_ contract: ContractCase<any EntryStore>) async throws {
        try await contract.check(MemoryEntryStore())
    }
}

/// A database of its own, and patience: other tests use the machine at the same time. A test of time-outs has its own.
func settings(_ server: MongoServer, pool: Int = 4) throws -> MongoSettings {
    try MongoSettings(
        port: server.port, database: "t_\(UUID().uuidString.lowercased().replacing("-", with: ""))", poolSize: pool,
        acquireTimeout: .seconds(120), connectTimeout: .seconds(10), serverSelectionTimeout: .seconds(30),
        socketTimeout: .seconds(120))
}

/// Runs `body` with a store that is prepared and empty.
nonisolated(nonsending) func withStore<Result>(
    on server: MongoServer, pool: Int = 4, _ body: (MongoEntryStore) async throws -> Result
) async throws -> Result {
    let store = MongoEntryStore(try settings(server, pool: pool))
    do {
        try await store.prepare()
        let result = try await body(store)
        await store.close()
        return result
    } catch {
        await store.close()
        throw error
    }
}

func isUnavailable(_ error: any Error) -> Bool {
    if case .unavailable? = error as? SagaFault { true } else { false }
}

/// What is unavailable comes back.
func putUntilItWorks(_ entries: [LoggedEntry], into store: MongoEntryStore) async throws {
    _ = try await waiting(for: "the server to answer again") { () -> Bool? in
        do { try await store.put(entries) } catch {
            guard isUnavailable(error) else { throw error }
            return nil
        }
        return true
    }
}
