import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@testable import SagaSQL

@Suite struct RecentEventsTests {
    private let ids = UUIDv7Generator(clock: ManualClock(), random: SeededRandom(seed: 1))

    private func appended(_ positions: ClosedRange<Int64>, at time: Int64) throws -> CommitNews {
        let deliveries = try positions.map { position in
            Delivery(
                envelope: try Envelope.seal(
                    MadeA(saga: UUID(), number: position), id: ids.next(), source: "toy",
                    time: Timestamp(milliseconds: time)),
                position: position)
        }
        return .committed([Outbox.Appended(deliveries: deliveries)])
    }

    private func isBehind(_ events: RecentEvents, at milliseconds: Int64) -> Bool {
        events.isBehind(by: .seconds(10), at: Timestamp(milliseconds: milliseconds), known: [:])
    }

    private func acknowledge(_ events: RecentEvents, _ position: Int64) {
        events.hear(.committed([EmbeddedTransport.Acknowledged(group: "one", position: position)]))
    }

    @Test func `a group is behind once its first event has waited for too long, until it is acknowledged`() throws {
        let events = RecentEvents()
        events.hear(try appended(1...1, at: 0))
        _ = events.next(for: "one", types: [MadeA.type], limit: 10, known: 0)
        acknowledge(events, 1)
        #expect(!isBehind(events, at: 60_000), "nothing waits")
        events.hear(try appended(2...3, at: 60_000))
        #expect(!isBehind(events, at: 70_000))
        #expect(isBehind(events, at: 70_001))
        acknowledge(events, 3)
        #expect(!isBehind(events, at: 70_001))
    }

    @Test func `a group for which more waits than is kept is behind`() throws {
        let events = RecentEvents(bound: 2)
        events.hear(try appended(1...1, at: 0))
        _ = events.next(for: "one", types: [MadeA.type], limit: 10, known: 0)
        acknowledge(events, 1)
        events.hear(try appended(2...4, at: 0))
        #expect(isBehind(events, at: 0))
        acknowledge(events, 2)
        #expect(!isBehind(events, at: 0))
    }
}
