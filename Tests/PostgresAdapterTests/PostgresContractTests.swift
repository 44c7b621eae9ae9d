import PostgresAdapter
import SQLCore
import SagaTesting
import TestServers
import Testing

@Suite(.enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct PostgresContractTests {
    @Test(arguments: DatabaseContract.cases)
    func `PostgreSQL keeps the database contract`(_ contract: ContractCase<any SQLDatabase>) async throws {
        try await withPostgres { try await contract.check($0) }
    }
}

/// Runs `body` on an empty database of its own.
func withPostgres(
    _ settings: PostgresSettings = PostgresSettings(poolSize: 4),
    _ body: (PostgresDatabase) async throws -> Void
) async throws {
    let server = try await PostgresServer.shared()
    let endpoint = try await server.makeDatabase()
    let database = PostgresDatabase(endpoint, settings)
    let result: Result<Void, any Error>
    do { result = .success(try await body(database)) } catch { result = .failure(error) }
    database.close()
    try await server.drop(endpoint)
    try result.get()
}
