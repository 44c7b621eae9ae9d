import FoundationEssentials
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import SagaTesting

/// The simulated system: a process for each service, a relay in each, one store, one broker.
final class TicketOffice: Sendable {
    /// An invariant does not hold, or the system does not come to rest.
    struct Broken: Error, CustomStringConvertible { let description: String }

    let simulation: Simulation
    let store: SimulatedStore
    let broker: SimulatedBroker
    let participants: [SQLParticipant]

    init(seed: UInt64, isCareless: Bool, isTold: Bool = false) throws {
        let database = try InlineSQLiteDatabase()
        for migration in EngineMigrations.sqlite + [Seats.migration, Cash.migration] {
            try database.writeNow { try $0.script(migration.sql) }
        }
        simulation = Simulation(seed: seed, faults: .all.without([.poison]), isTold: isTold)
        participants = [Seats.participant(isCareless: isCareless), Cash.participant]
        store = SimulatedStore(database, in: simulation)
        broker = SimulatedBroker(participants, in: simulation)
    }

    /// One process; after a crash it is composed anew.
    func process(_ participant: SQLParticipant) -> SimulatedProcess {
        SimulatedProcess(
            participant.service.name, in: simulation, observer: RecordingObserver(),
            begun: { [broker] life in
                broker.wake("\(participant.service).consumer", of: life, for: participant.service)
            },
            build: { [store, broker, participants] life in
                let database = SimulatedDatabase(store, for: life)
                let transport = SimulatedTransport(broker, for: life)
                let rows = SQLSagaStore(database)
                let stateTables: [ServiceID: String] = ["seats": "seats_saga", "cash": "cash_saga"]
                let relay = OutboxRelay(
                    database, to: transport, participants: participants, clock: life.clock,
                    ownership: .own(life.origin))
                let presence = RelayPresence(of: life.origin, in: relay.book, on: database, clock: life.clock)
                return [
                    Consumer(
                        participant, store: rows, transport: transport, policy: RetryPolicy(), clock: life.clock,
                        ids: life.ids, random: life.random, observer: life),
                    relay, presence,
                    OutboxAcknowledgements(
                        of: relay.book, from: transport, store: rows, stateTables: stateTables, clock: life.clock),
                    OutboxAdoption(on: database, by: presence, in: relay.book, clock: life.clock),
                    OutboxPruner(
                        store: rows, clock: life.clock, participants: participants, stateTables: stateTables,
                        acknowledgements: .receipts),
                ]
            })
    }

    /// Ten customers want one of five seats; the purse pays for three.
    func run() throws {
        store.afterCommit { [simulation, store] _ in
            do {
                for check in Seats.checks {
                    let broken = try store.read { try check.run(in: $0) }
                    if !broken.isEmpty { throw Broken(description: "\(check.id): \(check.sentence)") }
                }
            } catch { simulation.fail(error) }
        }
        let processes = participants.map(process)
        defer {
            for process in processes { process.stop() }
            simulation.windDown()
        }
        try simulation.run { [self] in
            for process in processes { process.start() }
            for number in 1...10 {
                await simulation.sleep(for: .seconds(2))
                await book(number, at: processes[0])
            }
            simulation.faults.end()
            for _ in 0..<600 {
                await simulation.sleep(for: .seconds(5))
                if try isAtRest { return }
            }
            throw Broken(description: "not at rest")
        }
    }

    /// A customer who asks again until there is an answer. The booking's id is his, so asking twice books once.
    private func book(_ number: Int, at process: SimulatedProcess) async {
        let booking = UUID(uuid: (0, 0, 0, 0, 0, 0, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, UInt8(number)))
        while true {
            await simulation.sleep(for: .milliseconds(500))
            guard let life = process.life else { continue }
            let commands = SQLCommands(
                service: Seats.service, store: SQLSagaStore(SimulatedDatabase(store, for: life)), clock: life.clock,
                ids: life.ids, observer: life)
            do {
                let isKnown = try store.read { try Seats.states.states(of: [booking], in: $0)[booking] != nil }
                if !isKnown { _ = try await commands.run(Book(booking: booking, fare: 100)) }
                return
            } catch { continue }  // an injected fault: asked again
        }
    }

    private var isAtRest: Bool {
        get throws {
            try store.read { transaction in
                try transaction.first(
                    """
                    SELECT 1 AS busy WHERE EXISTS (SELECT 1 FROM saga_outbox) OR EXISTS (SELECT 1 FROM saga_retries)
                        OR EXISTS (SELECT 1 FROM seats_saga WHERE state = 'held')
                    """) == nil
            }
        }
    }
}
