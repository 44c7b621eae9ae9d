import FoundationEssentials
import PurchaseApp
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaTesting

/// One simulated run of the whole purchase system.
public struct ShopRun: Sendable {
    /// What decides the run.
    public let plan: RunPlan
    private let planted: Planted

    /// How a run ended.
    public struct Result: Sendable {
        /// What decided the run.
        public let plan: RunPlan
        /// Equal for two runs if and only if they did the same.
        public let hash: TraceHash
        /// What is broken; `nil`: nothing.
        public let failure: Failure?
        /// What the run reached.
        public let goals: Goals
        /// What happened, if it was asked for.
        public let story: [String]
        /// Faults drawn, those left out by the plan included.
        public let faults: Int
        /// Transactions that committed.
        public let commits: Int
        /// Orders placed.
        public let orders: Int
        /// From the first order to rest.
        public let virtualTime: Duration
        /// Jobs run by the scheduler.
        public let steps: Int
    }

    /// What is broken, by a stable name and in words.
    public struct Failure: Sendable, Hashable {
        /// The invariant's name, `liveness`, or `crash`.
        public let check: String
        /// What was found.
        public let what: String
    }

    /// A run of a plan, with a mistake planted or none.
    public init(_ plan: RunPlan, planted: Planted = Planted()) {
        self.plan = plan
        self.planted = planted
    }

    /// A database that runs can share one after the other.
    ///
    /// - Throws: ``SQLError``.
    public static func makeDatabase() throws -> InlineSQLiteDatabase {
        let database = try InlineSQLiteDatabase()
        for migration in PurchaseSystem.migrations(for: .sqlite) {
            try database.writeNow { try $0.script(migration.sql) }
        }
        try database.mark()
        return database
    }

    /// From the end of the faults until everything must be at rest.
    static let patience = Duration.seconds(3600)
    /// When faults end, at the latest.
    static let trouble = Duration.seconds(150)

    /// Runs on the calling thread.
    ///
    /// - Parameter isTold: whether to keep the story.
    /// - Throws: ``SQLError`` if the database cannot be used. What the run finds is in the result.
    public func run(on database: InlineSQLiteDatabase, isTold: Bool = false) throws -> Result {
        let simulation = Simulation(seed: plan.seed, faults: plan.faults, isTold: isTold)
        let script = Script(plan) { simulation.random(for: $0) }
        let world = ShopWorld(plan, script, on: database, simulation: simulation, planted: planted)
        let clients = ShopClients(world, script)
        let start = simulation.clock.now()
        var failure: Failure?
        do {
            try clients.setUp()
            try simulation.run { try await Self.live(world, clients) }
            try AtRest(world).check()
            if !clients.doubled.isEmpty {
                throw ShopWatch.Broken(
                    "orders.one-order-a-request", "a request makes one order, however often it is sent",
                    "requests \(clients.doubled)")
            }
        } catch { failure = Self.failure(error) }
        world.stop()
        let goals = failure == nil ? try Self.goals(world, clients) : Goals()
        let result = Result(
            plan: plan, hash: simulation.hash, failure: failure, goals: goals, story: simulation.story.lines,
            faults: simulation.faults.drawn, commits: world.watch.commits, orders: clients.placed,
            virtualTime: simulation.clock.now() - start, steps: simulation.steps)
        simulation.windDown()
        try database.rewind()
        return result
    }

    private static func live(_ world: ShopWorld, _ clients: ShopClients) async throws {
        let simulation = world.simulation
        let start = simulation.clock.now()
        world.start()
        clients.open()
        while !clients.areDone || simulation.clock.now() - start < trouble {
            let past = simulation.clock.now() - start
            if past >= trouble { simulation.faults.end() }
            guard past < trouble + patience else { throw AtRest.NotReached(what: ["a customer gets no answer"]) }
            await simulation.sleep(for: .seconds(2))
            if clients.areDone, try AtRest(world).isReached { break }
        }
        simulation.faults.end()
        simulation.story.tell(simulation.clock.now(), "nothing goes wrong any more")
        let end = simulation.clock.now() + patience
        let person = ShopOperator(world, simulation.random(for: "diligent operator"))
        while try !AtRest(world).isReached {
            for letter in try AtRest(world).missing { await person.mend(letter) }
            guard simulation.clock.now() < end else { throw AtRest.NotReached(what: try AtRest(world).underWay()) }
            await simulation.sleep(for: .seconds(5))
        }
    }

    private static func goals(_ world: ShopWorld, _ clients: ShopClients) throws -> Goals {
        var goals = try world.watch.goals(world.topology)
        if clients.hadReplay { goals.reach("the same order placed twice at once") }
        for goal in clients.refunds.union(world.notices?.reached ?? []) { goals.reach(goal) }
        if world.poison.timesMended > 0 { goals.reach("what could not be read was found out") }
        if world.broker.contentions > 0 { goals.reach("one event handled by two processes at once") }
        if world.broker.restarts > 0 { goals.reach("the broker restarted with most of its data") }
        return goals
    }

    private static func failure(_ error: any Error) -> Failure {
        switch error {
        case let broken as ShopWatch.Broken:
            Failure(check: broken.check, what: broken.description)
        case let restless as AtRest.NotReached: Failure(check: "liveness", what: restless.description)
        case is Simulation.Endless: Failure(check: "endless", what: "\(error)")
        default: Failure(check: "error", what: "\(error)")
        }
    }
}
