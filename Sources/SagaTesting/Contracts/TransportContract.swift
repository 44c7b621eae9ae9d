import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// What every transport must do: at least once, to every group that subscribes, until acknowledged.
public enum TransportContract {
    /// A transport on a migrated database, with a way to put events into it.
    public struct Subject: Sendable {
        let transport: any EventTransport<any SQLTransaction>
        let database: any SQLDatabase
        let ids: any IDGenerator

        /// A transport under test, which delivers the outbox of `database`.
        public init(
            transport: any EventTransport<any SQLTransaction>, database: any SQLDatabase, ids: any IDGenerator
        ) {
            self.transport = transport
            self.database = database
            self.ids = ids
        }

        func emit(_ count: Int, _ type: EventType, subject: UUID? = nil) async throws -> [UUID] {
            let envelopes = (0..<count).map { _ in
                Envelope(
                    id: ids.next(), type: type, version: 1, source: "maker", subject: subject,
                    time: Timestamp(milliseconds: 1), correlationID: subject, causationID: nil, traceparent: nil,
                    data: Data("{}".utf8))
            }
            try await database.write { try SQLSagaStore(database).append(envelopes, in: $0) }
            return envelopes.map(\.id)
        }

        func receive(_ group: ServiceID, _ types: Set<EventType>, limit: Int = 100) async throws -> [Delivery] {
            try await transport.receive(for: group, types: types, limit: limit)
        }

        func acknowledge(_ deliveries: [Delivery], _ group: ServiceID) async throws {
            try await database.write { try transport.acknowledge(deliveries, for: group, in: $0) }
            try await transport.acknowledge(deliveries, for: group)
        }

        /// Receives and acknowledges until there is nothing more.
        func drain(_ group: ServiceID, _ types: Set<EventType>) async throws -> [UUID] {
            var ids: [UUID] = []
            while true {
                let deliveries = try await receive(group, types)
                if deliveries.isEmpty { return ids }
                ids += deliveries.map(\.envelope.id)
                try await acknowledge(deliveries, group)
            }
        }
    }

    /// Every sentence of the contract; each needs a subject of its own.
    public static let cases: [ContractCase<Subject>] = [
        ContractCase("every group receives every event it subscribes to", everyGroupReceivesEveryEventItSubscribes),
        ContractCase("a group receives nothing of other types", aGroupReceivesNothingOfOtherTypes),
        ContractCase("what is not acknowledged comes again", whatIsNotAcknowledgedComesAgain),
        ContractCase("what is acknowledged does not come again by itself", whatIsAcknowledgedDoesNotComeAgain),
        ContractCase("an acknowledgement that was rolled back did not happen", anAcknowledgementThatWasRolledBackDid),
        ContractCase("a batch is no larger than asked for, and the rest follows", aBatchIsNoLargerThanAsked),
        ContractCase("an event that arrives after a group found nothing is received", anEventThatArrivesAfterAGroup),
        ContractCase("what is requeued comes again, to every group, with the same id", whatIsRequeuedComesAgainToEvery),
    ]

    private static func everyGroupReceivesEveryEventItSubscribes(_ subject: Subject) async throws {
        let events = try await subject.emit(5, "a.made")
        for group: ServiceID in ["one", "two"] {
            let received = try await subject.drain(group, ["a.made"])
            try require(Set(received) == Set(events), "\(group) received \(received.count) of \(events.count)")
        }
    }

    private static func aGroupReceivesNothingOfOtherTypes(_ subject: Subject) async throws {
        _ = try await subject.emit(3, "a.made")
        let wanted = try await subject.emit(2, "b.made")
        let received = try await subject.drain("one", ["b.made"])
        try require(Set(received) == Set(wanted), "received \(received.count) events")
    }

    private static func whatIsNotAcknowledgedComesAgain(_ subject: Subject) async throws {
        let events = try await subject.emit(3, "a.made")
        let first = try await subject.receive("one", ["a.made"])
        try require(!first.isEmpty, "nothing received")
        let again = try await subject.drain("one", ["a.made"])
        try require(Set(again) == Set(events), "only \(again.count) of \(events.count) came again")
    }

    private static func whatIsAcknowledgedDoesNotComeAgain(_ subject: Subject) async throws {
        _ = try await subject.emit(3, "a.made")
        _ = try await subject.drain("one", ["a.made"])
        let again = try await subject.receive("one", ["a.made"])
        try require(again.isEmpty, "\(again.count) came again")
    }

    private static func anAcknowledgementThatWasRolledBackDid(_ subject: Subject) async throws {
        struct Deliberate: Error {}
        let events = try await subject.emit(2, "a.made")
        let deliveries = try await subject.receive("one", ["a.made"])
        try await requireThrows("the transaction", .type(Deliberate.self)) {
            try await subject.database.write { transaction in
                try subject.transport.acknowledge(deliveries, for: "one", in: transaction)
                throw Deliberate()
            }
        }
        let again = try await subject.drain("one", ["a.made"])
        try require(Set(again) == Set(events), "\(again.count) of \(events.count) came again")
    }

    private static func aBatchIsNoLargerThanAsked(_ subject: Subject) async throws {
        let events = try await subject.emit(7, "a.made")
        let batch = try await subject.receive("one", ["a.made"], limit: 3)
        try require(batch.count == 3, "\(batch.count) in a batch of 3")
        try await subject.acknowledge(batch, "one")
        let rest = try await subject.drain("one", ["a.made"])
        try require(Set(batch.map(\.envelope.id) + rest) == Set(events), "events are missing")
    }

    private static func anEventThatArrivesAfterAGroup(_ subject: Subject) async throws {
        _ = try await subject.emit(2, "b.made")
        _ = try await subject.drain("one", ["a.made"])
        let events = try await subject.emit(1, "a.made")
        let received = try await subject.drain("one", ["a.made"])
        try require(received == events, "received \(received.count)")
    }

    private static func whatIsRequeuedComesAgainToEvery(_ subject: Subject) async throws {
        let saga = UUID()
        let events = try await subject.emit(2, "a.made", subject: saga)
        _ = try await subject.emit(1, "a.made", subject: UUID())
        _ = try await subject.drain("one", ["a.made"])
        let requeued = try await subject.database.write {
            try Outbox.requeue([saga], of: "maker", except: "none", in: $0)
        }
        try require(requeued == [saga], "requeued \(requeued)")
        let again = try await subject.drain("one", ["a.made"])
        try require(again == events, "\(again.count) came again")
        let other = try await subject.drain("two", ["a.made"])
        try require(Set(other).isSuperset(of: events), "the other group misses some")
    }
}
