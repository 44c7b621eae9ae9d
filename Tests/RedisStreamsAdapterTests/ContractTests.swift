import SagaSQL
import SagaTesting
import TestServers
import Testing

@testable import RedisStreamsAdapter

@Suite(.enabled(if: RedisServer.requirement.allowsTests, "\(RedisServer.requirement.explanation)"))
struct ContractTests {
    @Test(arguments: TransportContract.cases, [1, 3])
    func `Redis Streams behind the relay keep the transport contract`(
        _ contract: ContractCase<TransportContract.Subject>, partitions: Int
    ) async throws {
        try await withTransport(options: .inTests(partitions: partitions, together: 32)) { _, transport in
            let relayed = try await RelayedTransport(transport)
            try await contract.check(
                TransportContract.Subject(transport: relayed, database: relayed.database, ids: relayed.ids))
        }
    }
}
