import FoundationEssentials
import PurchaseApp
import SQLCore
import SagaChoreography
import SagaSQL
import Testing

extension World {
    /// What an operator may do to dead letters.
    var letters: DeadLetters { system.deadLetters(as: "api", clock: clock, ids: ids) }

    /// An admin's wish.
    static func asked(because reason: String) -> InterventionRequest {
        InterventionRequest(by: admin.uuid, reason: reason)
    }

    /// The only message that is parked, as soon as there is one.
    func parkedLetter(within limit: Duration = .seconds(60)) async throws -> ParkedMessage {
        try await run(for: limit) {
            try await database.read { try ParkedMessages.count(ParkedFilter(), in: $0) } > 0
        }
        let parked = try await database.read { try ParkedMessages.list(limit: 2, in: $0) }
        try #require(parked.count == 1)
        return parked[0]
    }

    /// The event as it was emitted.
    func soundEvent(of letter: ParkedMessage) throws -> Envelope {
        try #require(emitted.envelopes.first { $0.id == letter.eventID })
    }

    /// Consumers look for what is kept for them once a second at most; here they sleep unless the network has something for them.
    @discardableResult
    func replay(_ letter: UUID) async throws -> Intervention {
        let operation = try await letters.replay(.one(letter), Self.asked(because: "it can be read now"))
        clock.advance(by: .seconds(1))
        for item in operation.items { _ = try await activity("\(item.consumer).consumer").poll() }
        return operation
    }
}
