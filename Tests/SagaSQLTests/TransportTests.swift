import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@Suite struct TransportTests {
    @Test(arguments: TransportContract.cases)
    func `the embedded transport keeps the transport contract`(
        _ contract: ContractCase<TransportContract.Subject>
    ) async throws {
        let database = try await migrated()
        try await contract.check(subject(EmbeddedTransport(database), database))
    }

    @Test(arguments: TransportContract.cases)
    func `the unreliable test transport without faults keeps the transport contract`(
        _ contract: ContractCase<TransportContract.Subject>
    ) async throws {
        let database = try await migrated()
        let groups: [SQLParticipant] = ["one", "two"].map { name in
            SQLParticipant(service: ServiceID(name)) {
                Subscribe<MadeA>()
                Subscribe<MadeB>()
            }
        }
        let transport = UnreliableTransport(
            database, participants: groups, clock: ManualClock(), random: SeededRandom(seed: 1), faults: .none)
        try await contract.check(subject(transport, database))
    }

    private func migrated() async throws -> SQLiteDatabase {
        let database = try SQLiteDatabase.inMemory()
        try await Migrator(EngineMigrations.sqlite).migrate(database, now: 0)
        return database
    }

    private func subject(
        _ transport: any EventTransport<any SQLTransaction>, _ database: SQLiteDatabase
    ) -> TransportContract.Subject {
        TransportContract.Subject(
            transport: transport, database: database,
            ids: UUIDv7Generator(clock: ManualClock(), random: SeededRandom(seed: 1)))
    }
}
