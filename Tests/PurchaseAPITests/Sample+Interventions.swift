import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

extension Sample {
    private static let why = #"{"reason":"again"}"#

    static let interventions: [String: Sample] = [
        "GET /admin/dead-letters": fixed("/admin/dead-letters"),
        "GET /admin/dead-letters/groups": fixed("/admin/dead-letters/groups"),
        "GET /admin/dead-letters/{id}": at({ "/admin/dead-letters/\($0.deadLetter)" }, needs: .deadLetter),
        "POST /admin/dead-letters/{id}/replay": at(
            { "/admin/dead-letters/\($0.deadLetter)/replay" }, needs: .deadLetter, body: { _ in why }),
        "POST /admin/dead-letters/{id}/discard": at(
            { "/admin/dead-letters/\($0.idleDeadLetter)/discard" }, needs: .deadLetter, body: { _ in why }),
        "POST /admin/dead-letters/{id}/edit": at(
            { "/admin/dead-letters/\($0.deadLetter)/edit" }, needs: .deadLetter,
            body: { #"{"reason":"the fields were lost","data":\#($0.eventData)}"# }),
        "POST /admin/dead-letters/replay": at(
            { _ in "/admin/dead-letters/replay" }, needs: .deadLetter,
            body: { _ in #"{"reason":"again","kind":"undecodable"}"# }),
        "POST /admin/dead-letters/discard": at(
            { _ in "/admin/dead-letters/discard" }, needs: .deadLetter,
            body: { _ in #"{"reason":"nobody needs it","type":"x.happened"}"# }),
        "GET /admin/operations/{id}": at({ "/admin/operations/\($0.operation)" }, needs: .operation),
        "POST /admin/orders/{id}/resync": at(
            { "/admin/orders/\($0.order)/resync" }, needs: .order, body: { _ in why }),
    ]
}

extension Shop {
    /// Parks the order's own event without its fields, and one that nobody handles.
    mutating func park(_ api: APIHarness, _ data: APIHarness.TestData) async throws {
        order = try await api.send(.post, "/orders", token: userToken, data.order(1)).text("id")
        let sound = api.observer.envelopes.last { $0.type == OrderCreated.type }
        guard let sound else { throw NotThere() }
        eventData = String(decoding: sound.data, as: UTF8.self)
        let idle = Envelope(
            id: api.nextID(), type: "x.happened", version: 1, source: "x", subject: nil, time: api.clock.now(),
            correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8))
        deadLetter = try await api.park(sound.emptied, for: "users", .permanent(.undecodable, "its fields are gone"))
        idleDeadLetter = try await api.park(idle, for: "users", .retryable("nobody handles it"))
    }
}

extension APIHarness {
    /// Puts a message aside as a consumer does; its id.
    func park(_ envelope: Envelope, for group: ServiceID, _ fault: SagaFault) async throws -> String {
        let now = clock.now()
        try await database.write { transaction in
            try SQLSagaStore(database).park(
                Retry(envelope: envelope, attempts: 4, dueAt: now, reason: fault.summary), because: fault, for: group,
                at: now, in: transaction)
        }
        return ParkedMessages.id(of: envelope.id, in: group).uuidString.lowercased()
    }

    func nextID() -> UUID { UUIDv7Generator(clock: clock, random: SeededRandom(seed: 99)).next() }
}
