import Audit
import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@Suite struct `Recording what the saga does` {
    @Test func `makes an entry of each event, with actor, result, severity and order`() async throws {
        let trail = try await Trail()
        let order = OrderFacts.fixture(lines: [.fixture(name: "마법검", quantity: 2)])
        let refusal = Refusal(.insufficientStock, ["available": 1, "requested": 2])
        try trail.happen(
            OrderCreated(order: order), PaymentReserved(order: order, slotCapacity: 10),
            ItemReservationFailed(order: order, cause: .refused, refusal: refusal),
            OrderFailed(order: order, cause: .refused, refusal: refusal))
        #expect(try await trail.recorder().poll() == .worked)
        #expect(try await trail.recorder().poll() == .idle(wakeAt: nil))

        let entries = try await trail.entries().map(\.entry)
        #expect(
            entries.map(\.action) == ["order.created", "payment.reserved", "item.reservation.failed", "order.failed"])
        #expect(entries.map(\.resource) == ["order", "wallet", "reservation", "order"])
        #expect(entries.map(\.resourceID) == [order.id, order.userID, order.id, order.id].map { "\($0)" })
        #expect(entries.map(\.status) == [.success, .success, .failed, .failed])
        #expect(entries.map(\.severity) == [.medium, .medium, .medium, .high])
        #expect(entries.allSatisfy { $0.actor.userID == order.actor.uuid && $0.correlationID == order.id.uuid })
        let created = try #require(entries.first).details
        #expect(String(decoding: created, as: UTF8.self).contains(#""name":"마법검","unitPrice":1000,"quantity":2"#))
        #expect(
            String(decoding: entries[3].details, as: UTF8.self)
                == #"{"final":2000,"currency":"KRW","cause":"refused","code":"items.insufficient-stock","available":1,"requested":2}"#
        )
    }

    @Test func `records an event once, however often it is delivered`() async throws {
        let trail = try await Trail()
        let envelopes = try trail.happen((0..<130).map { _ in OrderCreated(order: .fixture()) })
        _ = try await trail.recorder().poll()
        trail.events.add(envelopes + envelopes.prefix(3))
        try trail.happen(OrderCreated(order: .fixture()))
        try await trail.recorder().flush()
        let entries = try await trail.entries()
        #expect(entries.count == 131)
        #expect(entries.map(\.sequence) == Array(1...131))
        #expect(Set(entries.map(\.entry.id)).count == 131)
    }

    @Test(arguments: [ProbePoint.batchBeforeCommit, .batchAfterCommit])
    func `records an event once when the process ends around the commit`(point: ProbePoint) async throws {
        let trail = try await Trail()
        try trail.happen(OrderCreated(order: .fixture()), OrderCreated(order: .fixture()))
        await #expect(throws: EndsOnce.End.self) { _ = try await trail.recorder(probe: EndsOnce(at: point)).poll() }
        #expect(trail.events.count == 2)
        _ = try await trail.recorder().poll()
        #expect(try await trail.entries().map(\.sequence) == [1, 2])
        #expect(trail.events.count == 0)
    }

    @Test func `waits for a batch, but not longer than its interval`() async throws {
        let trail = try await Trail(AuditPolicy(batchSize: 3, batchInterval: .seconds(5)))
        let begin = trail.clock.now()
        try trail.happen(OrderCreated(order: .fixture()))
        trail.clock.advance(by: .seconds(2))
        try trail.happen(OrderCreated(order: .fixture()))
        #expect(try await trail.recorder().poll() == .idle(wakeAt: begin + .seconds(5)))
        #expect(try await trail.entries().isEmpty)
        try trail.happen(OrderCreated(order: .fixture()))
        #expect(try await trail.recorder().poll() == .worked)
        try trail.happen(OrderCreated(order: .fixture()))
        trail.clock.advance(by: .seconds(5))
        #expect(try await trail.recorder().poll() == .worked)
        #expect(try await trail.entries().count == 4)
    }

    @Test func `looks at what waits now and then, not at every commit`() async throws {
        let trail = try await Trail(AuditPolicy(batchSize: 3, batchInterval: .seconds(5)))
        let recorder = trail.recorder()
        try trail.happen(OrderCreated(order: .fixture()))
        _ = try await recorder.poll()
        try trail.happen(OrderCreated(order: .fixture()), OrderCreated(order: .fixture()))
        let now = trail.clock.now()
        #expect(try await recorder.poll() == .idle(wakeAt: now + .milliseconds(50)))
        trail.clock.advance(by: .milliseconds(50))
        #expect(try await recorder.poll() == .worked)
    }

    @Test func `flushes what waits on request`() async throws {
        let trail = try await Trail(AuditPolicy(batchSize: 100, batchInterval: .seconds(60)))
        try trail.happen(OrderCreated(order: .fixture()), OrderCreated(order: .fixture()))
        #expect(try await trail.recorder().flush() == 2)
        #expect(try await trail.entries().count == 2)
        #expect(try await trail.recorder().flush() == 0)
    }

    @Test func `keeps what cannot be read as evidence of that`() async throws {
        let trail = try await Trail()
        trail.events.add([
            Envelope(
                id: trail.ids.next(), type: OrderCreated.type, version: 1, source: "orders", subject: nil,
                time: trail.clock.now(), correlationID: nil, causationID: nil, traceparent: nil,
                data: Data("{}".utf8))
        ])
        _ = try await trail.recorder().poll()
        let entry = try #require(try await trail.entries().first).entry
        #expect(entry.action == "order.created")
        #expect(entry.status == .failed)
        #expect(entry.severity == .critical)
        #expect(String(decoding: entry.details, as: UTF8.self).contains(#""data":"e30=""#))
    }
}

@Suite struct `Recording changes that emit no event` {
    private func record(_ action: String, details: [String: String] = [:]) -> AuditRecord {
        AuditRecord(
            service: "users", action: action, resource: "user", resourceID: "7", actor: nil, status: .blocked,
            severity: .high, details: details,
            origin: .init(role: "admin", ipAddress: "::1", userAgent: "curl/8"))
    }

    @Test func `moves rows, each once, the oldest first`() async throws {
        let trail = try await Trail()
        for number in 1...3 { try await trail.write(record("users.change-\(number)")) }
        #expect(try await trail.changes.poll() == .worked)
        let entries = try await trail.entries().map(\.entry)
        #expect(entries.map(\.action) == ["users.change-1", "users.change-2", "users.change-3"])
        #expect(entries[0].actor == .init(userID: nil, role: "admin", ipAddress: "::1", userAgent: "curl/8"))
        #expect(entries[0].status == .blocked)
        #expect(try await trail.changes.poll() == .idle(wakeAt: trail.clock.now() + .seconds(1)))
        #expect(try await trail.database.read { try AuditLog.oldest(in: $0) } == nil)
    }

    @Test func `masks what is secret`() async throws {
        let trail = try await Trail(AuditPolicy(mask: DetailsMask(["email"])))
        try await trail.write(
            record("users.change", details: ["newPassword": "hunter2", "email": "a@b.example", "reason": "asked"]))
        try await trail.changes.flush()
        let entry = try #require(try await trail.entries().first).entry
        #expect(
            String(decoding: entry.details, as: UTF8.self)
                == #"{"email":"***","newPassword":"***","reason":"asked"}"#)
    }

    @Test func `continues the same chain as events`() async throws {
        let trail = try await Trail()
        try await trail.write(record("users.change"))
        try trail.happen(OrderCreated(order: .fixture()))
        try await trail.changes.flush()
        try await trail.recorder().flush()
        try await trail.write(record("users.change"))
        try await trail.changes.flush()
        #expect(try await trail.entries().map(\.sequence) == [1, 2, 3])
    }
}

/// Ends the process once at one point.
private final class EndsOnce: Probe {
    struct End: Error {}
    private let point: ProbePoint
    init(at point: ProbePoint) { self.point = point }
    func reach(_ point: ProbePoint) throws { if point == self.point { throw End() } }
}
