import FoundationEssentials
import Payments
import PurchaseApp
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization

/// The purchase system of one run: its processes, its store, its broker, its gateway.
final class ShopWorld: Sendable {
    let simulation: Simulation
    let topology: Topology
    let store: SimulatedStore
    let watch: ShopWatch
    let broker: SimulatedBroker
    let participants: [SQLParticipant]
    let poison: Poison
    private let planted: Planted
    private let book: SimulatedGateway
    private let isPlain: Bool
    private let told = Mutex<GatewayNotices?>(nil)
    private let upkeep: Duration
    /// Few in some runs, so that payments are opened while no worker has room for them, many in others.
    private let gatewayCalls: Int
    private let processes = Mutex<[SimulatedProcess]>([])
    /// The composition of each process's present life, by the process's name.
    private let systems = Mutex<[String: (life: ProcessLife, system: PurchaseSystem)]>([:])

    /// Activities that have nothing to do with an order.
    private static let leftOut: Set<String> = ["coupons.issue-worker", "users.access-pruner"]

    /// What every process does for what it wrote itself.
    private static let everywhere: Set<String> = [
        "saga.outbox-relay", "saga.outbox-acknowledgements", "saga.relay-presence",
    ]

    init(_ plan: RunPlan, _ script: Script, on database: InlineSQLiteDatabase, simulation: Simulation, planted: Planted)
    {
        self.simulation = simulation
        self.planted = planted
        topology = plan.effectiveTopology
        isPlain = plan.isPlain
        upkeep = script.upkeep
        gatewayCalls = [1, 2, 128][Int(plan.seed / 3 % 3)]
        store = SimulatedStore(database, in: simulation, filter: planted.statement)
        participants = planted.participants(PurchaseSystem.participants())
        broker = SimulatedBroker(participants, in: simulation)
        poison = Poison(simulation)
        book = SimulatedGateway(
            .init(successRate: 0.85, refundRefusalRate: 0.4, seed: plan.seed), database: database,
            clock: simulation.clock, pause: { _ in })
        watch = ShopWatch(
            simulation, store: store,
            verifier: Verifier(database, clock: simulation.clock, participants: participants),
            interval: plan.checkInterval)
        store.afterCommit { [unowned self] commit in
            watch.committed(by: commit)
        }
        if !isPlain { told.withLock { $0 = GatewayNotices(self, planted.notice) } }
        processes.withLock { $0 = makeProcesses() }
    }

    // MARK: Processes

    private func makeProcesses() -> [SimulatedProcess] {
        switch topology {
        case .embedded, .relayed: return [process("shop") { _ in true }]
        case .replicated:
            let services = participants.map(\.service.name) + ["saga"]
            return services.flatMap { service in
                (1...2).map { number in
                    process("\(service)-\(number)") { $0.hasPrefix("\(service).") || Self.everywhere.contains($0) }
                }
            }
        }
    }

    private func process(_ name: String, runs: @escaping @Sendable (String) -> Bool) -> SimulatedProcess {
        let build: @Sendable (ProcessLife) throws -> [any Activity] = { [unowned self] life in
            let database = SimulatedDatabase(store, for: life)
            let system = try compose(database, for: life)
            systems.withLock { $0[name] = (life, system) }
            let activities = system.activities.filter { runs($0.name) && !Self.leftOut.contains($0.name) }
            return planted.activities(activities, database, life.clock)
        }
        return SimulatedProcess(
            name, in: simulation, observer: watch, begun: { [unowned self] in wireUp($0) }, build: build)
    }

    private func compose(_ database: SimulatedDatabase, for life: ProcessLife) throws -> PurchaseSystem {
        let ports = PurchaseSystem.Ports(
            clock: life.clock, ids: life.ids, random: life.random, observer: life,
            gateway: planted.gateway(ShopGateway(book: book, life: life, notices: notices)),
            notifiers: [ShopNotifier(life: life)])
        let isPoisoned: @Sendable (Envelope, ServiceID) -> Bool = { [poison] in poison.spoils($0, for: $1) }
        let transport: any EventTransport<any SQLTransaction>
        let relay: PurchaseSystem.Relay?
        switch topology {
        case .embedded:
            transport = planted.transport(PoisonedTransport(try EmbeddedTransport(database), isPoisoned: isPoisoned))
            relay = nil
        case .relayed, .replicated:
            let broker = SimulatedTransport(broker, for: life)
            transport = planted.transport(PoisonedTransport(broker, isPoisoned: isPoisoned))
            relay = PurchaseSystem.Relay(
                to: planted.publisher(broker), interval: upkeep, isShared: topology == .replicated)
        }
        return PurchaseSystem(
            databases: ServiceDatabases(database), transport: transport, ports: ports, gatewayLanes: 2,
            gatewayCalls: gatewayCalls, relay: relay, planted: planted.participants)
    }

    func start() {
        for process in processes.withLock({ $0 }) { process.start() }
    }

    func stop() {
        for process in processes.withLock({ $0 }) { process.stop() }
    }

    /// Wakes what the broker, or the database by notifying, would wake.
    func wireUp(_ life: ProcessLife) {
        guard topology != .embedded else { return }
        for participant in participants {
            broker.wake("\(participant.service).consumer", of: life, for: participant.service)
        }
    }

    /// The commands of a process that runs a service, if one is up.
    func system(for service: ServiceID) -> PurchaseSystem? {
        let names = topology == .replicated ? ["\(service)-1", "\(service)-2"] : ["shop"]
        return systems.withLock { systems in names.compactMap { systems[$0] }.first { $0.life.isPresent }?.system }
    }

    /// What operators may do, through a process that is up.
    func deadLetters() -> DeadLetters? {
        systems.withLock { systems in
            systems.sorted { $0.key < $1.key }.lazy.map(\.value).first { $0.life.isPresent }.map { life, system in
                system.deadLetters(as: "operator", clock: life.clock, ids: life.ids)
            }
        }
    }

    /// What the gateway tells of its own accord; `nil`: nothing.
    var notices: GatewayNotices? { told.withLock { $0 } }

    /// Crashes of all processes so far.
    var crashes: Int { processes.withLock { $0.reduce(0) { $0 + $1.crashes } } }
}
