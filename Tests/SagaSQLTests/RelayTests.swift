import FoundationEssentials
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
import Testing

/// The toy service behind a broker in memory, with the relay between them.
private struct Relayed {
    let toy: ParticipantHarness
    let broker: MemoryBroker
    let relay: OutboxRelay
    let consumer: Consumer<SQLSagaStore, MemoryBroker>
    let acknowledgements: OutboxAcknowledgements
    let pruner: OutboxPruner

    init(_ toy: ParticipantHarness) {
        self.toy = toy
        let participants = [toy.participant]
        let store = SQLSagaStore(toy.database)
        broker = MemoryBroker(participants: participants)
        relay = OutboxRelay(toy.database, to: broker, participants: participants, clock: toy.clock)
        consumer = Consumer(
            toy.participant, store: store, transport: broker, policy: RetryPolicy(), clock: toy.clock, ids: toy.ids,
            random: toy.random, observer: RecordingObserver())
        acknowledgements = OutboxAcknowledgements(
            of: relay.book, from: broker, store: store, stateTables: ["toy": "toy_saga"], clock: toy.clock)
        pruner = OutboxPruner(
            store: store, clock: toy.clock, participants: participants, stateTables: ["toy": "toy_saga"],
            acknowledgements: .receipts)
    }

    /// Puts numbers into the outbox, as a saga of the service itself that is settled or not.
    func emit(_ numbers: [Int64], settled: Bool = true) async throws {
        let envelopes = try numbers.map { number in
            try Envelope.seal(
                MadeA(saga: UUID(), number: number), id: toy.ids.next(), source: "toy", time: toy.clock.now())
        }
        try await toy.given { transaction in
            try SQLSagaStore(toy.database).append(envelopes, in: transaction)
            for saga in envelopes.compactMap(\.subject) {
                try transaction.execute(
                    "INSERT INTO toy_saga VALUES (\(saga), \("held"), \(settled), \(Int64(0)), \(Int64(0)))")
            }
        }
    }

    /// Drives relay and consumer until both are idle, and lets everybody look at what was acknowledged.
    func settle() async throws {
        for _ in 1...2 {
            _ = try await acknowledgements.poll()
            var isWorking = true
            while isWorking {
                let relayed = try await relay.poll()
                let consumed = try await consumer.poll()
                isWorking = relayed == .worked || consumed == .worked
            }
            _ = try await acknowledgements.poll()
            toy.clock.advance(by: .milliseconds(1))
        }
        _ = try await acknowledgements.poll()
        _ = try await pruner.poll()
    }

    func rows() async throws -> Int {
        try await toy.read { try $0.rows("SELECT seq FROM saga_outbox WHERE type = 'a.made'").count }
    }
}

/// Takes what it is handed, or says that it does not.
private final class Local: LocalDelivery {
    private let state = Mutex((handed: [Envelope](), takes: true))

    var handed: [Envelope] { state.withLock { $0.handed } }

    func deliverLocally(_ envelopes: [Envelope]) { state.withLock { $0.handed += envelopes } }
    func isDeliveredLocally(_ type: EventType) -> Bool { state.withLock { $0.takes } && type != "b.made" }
    func endTaking() { state.withLock { $0.takes = false } }
}

@Suite struct RelayTests {
    @Test func `what commits is handed over before it is sent, and what does not commit is not`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            struct Refused: Error {}
            let (broker, local) = (MemoryBroker(participants: [toy.participant]), Local())
            let relay = OutboxRelay(
                toy.database, to: broker, participants: [toy.participant], clock: toy.clock, local: local)
            let sent = try (1...2).map { number in
                try Envelope.seal(
                    MadeA(saga: UUID(), number: number), id: toy.ids.next(), source: "toy", time: toy.clock.now())
            }
            await #expect(throws: Refused.self) {
                try await toy.given { transaction in
                    try SQLSagaStore(toy.database).append([sent[0]], in: transaction)
                    throw Refused()
                }
            }
            #expect(local.handed.isEmpty)
            try await toy.given { try SQLSagaStore(toy.database).append(sent, in: $0) }
            #expect(local.handed == sent)
            #expect(relay.book.backlog.count == 2, "it is sent all the same")
            #expect(relay.patience(with: "a.made") > .zero)
            #expect(relay.patience(with: "b.made") == .zero)
            local.endTaking()
            #expect(relay.patience(with: "a.made") == .zero)
        }
    }

    @Test func `what everybody here has got already is sent together, ten times a second`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let (broker, local) = (MemoryBroker(participants: [toy.participant]), Local())
            let relay = OutboxRelay(
                toy.database, to: broker, participants: [toy.participant], clock: toy.clock, local: local, batch: 3)
            func emit(_ count: Int) async throws {
                let made = try (0..<count).map { _ in
                    try Envelope.seal(
                        MadeA(saga: UUID(), number: 1), id: toy.ids.next(), source: "toy", time: toy.clock.now())
                }
                try await toy.given { try SQLSagaStore(toy.database).append(made, in: $0) }
            }
            try await emit(1)
            #expect(try await relay.poll() == .worked)
            #expect(broker.openEntries == 1, "the first is not kept waiting")
            let sentAt = toy.clock.now()
            try await emit(1)
            toy.clock.advance(by: .milliseconds(99))
            #expect(try await relay.poll() == .idle(wakeAt: sentAt + .milliseconds(100)))
            try await emit(1)
            toy.clock.advance(by: .milliseconds(1))
            #expect(try await relay.poll() == .worked)
            #expect(broker.openEntries == 3)

            try await emit(3)
            #expect(try await relay.poll() == .worked)
            #expect(broker.openEntries == 6, "a whole batch does not wait for more")

            try await emit(1)
            local.endTaking()
            #expect(try await relay.poll() == .worked)
            #expect(broker.openEntries == 7, "nor does what somebody waits for")
        }
    }

    @Test func `what waits when the process ends is sent before`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let relayed = Relayed(toy)
            try await relayed.emit([1, 2, 3])
            try await relayed.relay.end()
            #expect(relayed.broker.openEntries == 3)
            #expect(relayed.relay.book.backlog.count == 0)
        }
    }

    @Test func `what is relayed, handled and acknowledged is deleted once its saga is settled`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let relayed = Relayed(toy)
            try await relayed.emit([1, 2, 3])
            try await relayed.emit([4], settled: false)
            try await relayed.settle()
            #expect(try await toy.read(Toy.total) == 10)
            toy.clock.advance(by: .seconds(1))
            try await relayed.settle()
            #expect(
                try await relayed.rows() == 4, "whether a saga is over that nobody said to be is asked after a while")
            toy.clock.advance(by: .seconds(3))
            try await relayed.settle()
            #expect(try await relayed.rows() == 1)
        }
    }

    @Test func `the loss of the whole broker costs redelivery, nothing else`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let relayed = Relayed(toy)
            try await relayed.emit([1, 2, 3])
            _ = try await relayed.relay.poll()
            #expect(relayed.broker.openEntries == 3)
            relayed.broker.loseEverything()
            try await relayed.settle()
            #expect(try await toy.read(Toy.total) == 6)
            toy.clock.advance(by: .seconds(1))
            try await relayed.settle()
            #expect(try await relayed.rows() == 0)
        }
    }

    @Test func `a loss after every acknowledgement was given doubles nothing`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let relayed = Relayed(toy)
            try await relayed.emit([1, 2, 3], settled: false)
            try await relayed.settle()
            relayed.broker.loseEverything()
            try await relayed.settle()
            #expect(try await toy.read(Toy.total) == 6)
        }
    }

    @Test func `an entry that is lost silently is sent again after 60 seconds, not before`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let relayed = Relayed(toy)
            try await relayed.emit([5])
            _ = try await relayed.relay.poll()
            relayed.broker.loseSilently(for: "toy")
            toy.clock.advance(by: .seconds(59))
            try await relayed.settle()
            #expect(try await toy.read(Toy.total) == 0)
            toy.clock.advance(by: .seconds(1))
            try await relayed.settle()
            #expect(try await toy.read(Toy.total) == 5)
            toy.clock.advance(by: .seconds(1))
            try await relayed.settle()
            #expect(try await relayed.rows() == 0)
        }
    }

    @Test func `the relay looks again though nobody wakes it: a commit's answer may be lost`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let relayed = Relayed(toy)
            #expect(try await relayed.relay.poll() == .idle(wakeAt: toy.clock.now() + .seconds(1)))
            try await relayed.emit([1])
            #expect(try await relayed.relay.poll() == .worked)
        }
    }

    @Test func `an unreachable broker pauses the relay and loses nothing`() async throws {
        try await withParticipant(Toy.participant, migrations: Toy.migrations) { toy in
            let relayed = Relayed(toy)
            try await relayed.emit([1, 2])
            relayed.broker.setAway(true)
            await #expect(throws: SagaFault.self) { try await relayed.relay.poll() }
            #expect(try await relayed.rows() == 2)
            relayed.broker.setAway(false)
            try await relayed.settle()
            #expect(try await toy.read(Toy.total) == 3)
        }
    }

    @Test(arguments: TransportContract.cases)
    func `a broker behind the relay keeps the transport contract`(
        _ contract: ContractCase<TransportContract.Subject>
    ) async throws {
        let database = try SQLiteDatabase.inMemory()
        try await Migrator(EngineMigrations.sqlite).migrate(database, now: 0)
        let clock = ManualClock()
        let groups: [SQLParticipant] = ["one", "two"].map { name in
            SQLParticipant(service: ServiceID(name)) {
                Subscribe<MadeA>()
                Subscribe<MadeB>()
            }
        }
        let broker = MemoryBroker(participants: groups)
        let relay = OutboxRelay(database, to: broker, participants: groups, clock: clock)
        try await contract.check(
            TransportContract.Subject(
                transport: RelayingTransport(broker: broker, relay: relay), database: database,
                ids: UUIDv7Generator(clock: clock, random: SeededRandom(seed: 1))))
    }
}

/// Lets the relay run before each receive, as its own loop would.
private struct RelayingTransport: EventTransport {
    let broker: MemoryBroker
    let relay: OutboxRelay

    func receive(for group: ServiceID, types: Set<EventType>, limit: Int) async throws -> [Delivery] {
        while try await relay.poll() == .worked {}
        return try await broker.receive(for: group, types: types, limit: limit)
    }

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID, in transaction: any SQLTransaction) throws {}

    func acknowledge(_ deliveries: [Delivery], for group: ServiceID) async throws {
        try await broker.acknowledge(deliveries, for: group)
    }
}
