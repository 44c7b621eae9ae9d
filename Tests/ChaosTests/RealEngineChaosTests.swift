import Foundation
import ProcessDriver
import Testing

@Suite(.serialized, .enabled(if: Cluster.allowsTests, "\(Cluster.explanation)"))
struct `Eight processes on PostgreSQL and Redis` {
    private static func setting(_ key: String, _ standard: Int) -> Int {
        ProcessInfo.processInfo.environment[key].flatMap { Int($0) } ?? standard
    }

    /// How many orders there are at least, and how many faults about: `CHAOS_ORDERS`, `CHAOS_EVENTS`.
    private static let orders = setting("CHAOS_ORDERS", 150)
    private static let events = setting("CHAOS_EVENTS", 20)
    /// How many clients order at the same time: `CHAOS_CLIENTS`.
    private static let clients = setting("CHAOS_CLIENTS", 6)
    /// How often each process is replaced: `CHAOS_ROUNDS`.
    private static let rounds = setting("CHAOS_ROUNDS", 1)
    /// `CHAOS_SEED` repeats the faults of a run, though not their moments.
    private static let seed = UInt64(setting("CHAOS_SEED", Int.random(in: 1...999_999)))

    /// How long after the last fault the last order may end.
    private static let patience = Duration.seconds(60)

    @Test(.timeLimit(.minutes(240)))
    func `lose no order through kills, stops, restarts, the loss of Redis and a network that fails`() async throws {
        let cluster = try await Cluster.start("chaos")
        let driver = ChaosDriver(cluster: cluster, dice: SeededDice(seed: Self.seed))
        let sabotage = try await Sabotage.prepare(cluster, count: max(2, Self.events / 20))
        // COMMIT's answers are lost when the next one comes, and so as often as PostgreSQL was there to send it.
        let what = {
            "seed \(Self.seed), \(driver.tally.summary) (\(cluster.postgresProxy.lostCommitAnswers) of them came to it)"
        }
        try await observe(cluster, what, sabotage) { load in
            let begin = ContinuousClock.now
            let deck = Fault.deck(of: Self.events, driver.dice)
            try await driver.run(deck)
            print("the faults took \(ContinuousClock.now - begin), \(load.ledger.summary)")
            let calm = ContinuousClock.now
            let areThere = load.ledger.count >= Self.orders
            try await until("\(Self.orders) orders", within: .seconds(7200)) { load.ledger.count >= Self.orders }
            // More orders than were there when the faults ended: the last of them begin now.
            return areThere ? calm : .now
        }
    }

    @Test(.timeLimit(.minutes(60)))
    func `lose no order while each is replaced by another, one after the other`() async throws {
        let cluster = try await Cluster.start("rolling")
        let what = { "\(Self.rounds) rolling restarts of \(cluster.nodes.count) processes" }
        try await observe(cluster, what) { load in
            for node in (0..<Self.rounds).flatMap({ _ in cluster.nodes }) {
                let known = load.ledger.count
                try await until("orders under way", within: .seconds(60)) { load.ledger.count >= known + 5 }
                let exit = try await cluster.stop(node)
                if exit != .code(0) { load.ledger.complain("\(node.name) ended with \(exit) on SIGTERM") }
                try await cluster.start(node)
            }
            return .now
        }
    }

    /// Lets clients order while `disturb` does what it does, then looks whether everything came to its end.
    ///
    /// - Parameters:
    ///   - what: says in the end what was done.
    ///   - disturb: returns when the last fault was over.
    private func observe(
        _ cluster: Cluster, _ what: () -> String, _ sabotage: Sabotage? = nil,
        _ disturb: @escaping @Sendable (Load) async throws -> ContinuousClock.Instant
    ) async throws {
        var findings: [String] = []
        var told = ""
        var ledger: Ledger?
        do {
            var load = Load(shop: cluster.shop, testData: try await cluster.shop.setUpTestData(), seed: Self.seed)
            load.rest = .milliseconds(100)
            load.clients = Self.clients
            ledger = load.ledger
            let rest = try await interventions(cluster, load, sabotage) { [load] in
                let calm = try await load.run { try await disturb(load) }
                return try await cluster.waitForRest(since: calm, within: .seconds(150))
            }
            told = """
                \(load.ledger.summary); orders at rest after \(text(rest.orders)), all after \(text(rest.everything)); \
                the last: \(rest.latest)
                """
            if rest.orders.map({ $0 > Self.patience }) ?? true {
                findings.append("orders had not ended \(Self.patience) after the last fault; in the end: \(rest.last)")
            }
            findings += try await Aftermath(
                workspace: cluster.workspace, shop: cluster.shop, load: load, elsewhere: cluster.direct
            ).findings()
        } catch {
            findings.append("it could not be run to its end: \(error)")
            if let ledger { findings += ledger.complaints + [ledger.summary] }
        }
        var failed: [String] = []
        for node in cluster.nodes { failed += await node.failedStarts }
        let starts = failed.isEmpty ? "" : "; starts that failed: \(failed.count), such as \(failed[0])"
        try await cluster.finish(findings, saying: "\(what()); \(told)\(starts)")
    }

    /// Lets an operator see to what is parked while `body` runs, and until nothing is.
    private func interventions(
        _ cluster: Cluster, _ load: Load, _ sabotage: Sabotage?,
        while body: @escaping @Sendable () async throws -> Cluster.Rest
    ) async throws -> Cluster.Rest {
        guard let sabotage else { return try await body() }
        let ledger = load.ledger
        let person = Operator(
            shop: cluster.shop, token: load.testData.tokens.admin, sabotage: sabotage, ledger: ledger)
        async let duty: Void = person.run { ledger.isAtRest }
        let rest: Cluster.Rest
        do { rest = try await body() } catch {
            ledger.comesToRest()
            throw error
        }
        ledger.comesToRest()
        try await duty
        let (spoiled, poisoned) = (cluster.redisProxy.spoiled, try await sabotage.poisonedCount())
        sabotage.close()
        print("\(spoiled) events lost their fields, \(poisoned) orders were poisoned")
        // Both kinds come with the first payments, whatever else is thrown.
        if spoiled < 2 || poisoned == 0 {
            ledger.complain("next to nothing was to be seen to: \(spoiled) events, \(poisoned) orders")
        }
        return rest
    }

    private func text(_ duration: Duration?) -> String { duration.map { "\($0)" } ?? "never" }
}
