import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@Suite struct JointReactionTests {
    private static let participant = SQLParticipant(service: "toy") {
        Subscribe<Counted>()
        Together<MadeA>()
        Together<MadeB>()
    }
    private static let migrations = [Migration("toy/0001", "CREATE TABLE toy_calls (types TEXT NOT NULL)")]

    private func calls(_ toy: ParticipantHarness) async throws -> [String] {
        try await toy.read { try $0.rows("SELECT types FROM toy_calls ORDER BY rowid").map { try $0.text("types") } }
    }

    @Test func `events of a family are one call, also two of one subject`() async throws {
        try await withParticipant(Self.participant, migrations: Self.migrations) { toy in
            let (one, two) = (UUID(), UUID())
            let outcomes = try await toy.deliverBatch([
                MadeA(saga: one, number: 1), Counted(saga: one), MadeB(saga: one), MadeB(saga: two),
            ])
            #expect(outcomes.map(\.disposition) == [.applied, .applied, .applied, .applied])
            #expect(try await calls(toy) == ["a.made b.made b.made"])
        }
    }

    @Test func `two events of one type and subject are two calls`() async throws {
        try await withParticipant(Self.participant, migrations: Self.migrations) { toy in
            let saga = UUID()
            try await toy.deliverBatch([
                MadeA(saga: saga, number: 1), MadeB(saga: saga), MadeA(saga: saga, number: 2), MadeB(saga: UUID()),
            ])
            #expect(try await calls(toy) == ["a.made b.made", "a.made b.made"])
        }
    }

    @Test func `one event alone is a call`() async throws {
        try await withParticipant(Self.participant, migrations: Self.migrations) { toy in
            try await toy.deliver(MadeB(saga: UUID()))
            #expect(try await calls(toy) == ["b.made"])
        }
    }
}
