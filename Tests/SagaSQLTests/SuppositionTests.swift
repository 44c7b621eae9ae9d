import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@Suite struct `What a reaction supposes` {
    private static let participant = SQLParticipant(service: "toy") {
        Subscribe<Counted>()
        Suppose()
    }
    private static let migrations = [Migration("toy/0001", "CREATE TABLE toy_calls (types TEXT NOT NULL)")]

    private func calls(_ toy: ParticipantHarness) async throws -> [String] {
        try await toy.read { try $0.rows("SELECT types FROM toy_calls ORDER BY rowid").map { try $0.text("types") } }
    }

    @Test func `saves it a look when it is so`() async throws {
        try await withParticipant(Self.participant, migrations: Self.migrations) { toy in
            let outcome = try await toy.deliver(MadeA(saga: UUID(), number: 1))
            #expect(outcome.disposition == .applied)
            #expect(try await calls(toy) == ["supposed 1"])
        }
    }

    @Test func `is undone with everything beside it when it is not so, and nothing is supposed then`() async throws {
        try await withParticipant(Self.participant, migrations: Self.migrations) { toy in
            let outcomes = try await toy.deliverBatch([
                MadeA(saga: UUID(), number: 1), MadeA(saga: UUID(), number: Suppose.wrong), Counted(saga: UUID()),
            ])
            #expect(outcomes.map(\.disposition) == [.applied, .applied, .applied])
            #expect(outcomes.allSatisfy { $0.fault == nil })
            #expect(try await calls(toy) == ["looked up 1 13"])
        }
    }

    @Test func `is looked up for a second after it was not so`() async throws {
        try await withParticipant(Self.participant, migrations: Self.migrations) { toy in
            try await toy.deliver(MadeA(saga: UUID(), number: Suppose.wrong))
            toy.clock.advance(by: .milliseconds(999))
            try await toy.deliver(MadeA(saga: UUID(), number: 2))
            toy.clock.advance(by: .milliseconds(1))
            try await toy.deliver(MadeA(saga: UUID(), number: 3))
            #expect(try await calls(toy) == ["looked up 13", "looked up 2", "supposed 3"])
        }
    }

    @Test func `does not hide a fault`() async throws {
        try await withParticipant(Self.participant, migrations: Self.migrations) { toy in
            let outcome = try await toy.deliver(MadeA(saga: UUID(), number: Suppose.faulty))
            #expect(outcome.disposition == .retrying)
            #expect(try await calls(toy).isEmpty)
        }
    }
}

/// Supposes that no number is ``wrong``.
private struct Suppose: BatchReaction {
    static let id: ReactionID = "toy.suppose"
    static let wrong: Int64 = 13
    static let faulty: Int64 = 14

    typealias Transaction = any SQLTransaction
    typealias Accepted = Silence
    typealias Rejected = Never

    func react(toAll events: [MadeA], in step: SQLStep) throws -> [Reply<Silence, Never>] {
        let numbers = events.map { String($0.number) }.joined(separator: " ")
        let call = "\(step.maySuppose ? "supposed" : "looked up") \(numbers)"
        try step.transaction.execute("INSERT INTO toy_calls (types) VALUES (\(call))")
        if events.contains(where: { $0.number == Self.faulty }) { throw SagaFault.retryable("a bad number") }
        if events.contains(where: { $0.number == Self.wrong }) {
            guard !step.maySuppose else { throw step.refusal(SQLError(.busy, "nobody sees this")) }
        }
        return events.map { _ in .accept(Silence()) }
    }
}
