import ArgumentParser
import Foundation
import PurchaseApp
import PurchaseSimulation
import SagaTesting

struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the services under virtual time while everything goes wrong, and check every invariant.",
        discussion: """
            A seed decides everything, so what a run finds is repeated by its seed. The first failing run is made smaller and \
            told as a story, with the command that repeats it. Exits 1 if anything is broken, or if many runs together did not \
            reach every row of the saga's table.
            """)

    @Option(name: .long, help: "How many seeds to run.")
    var seeds = 1000

    @Option(name: .long, help: "The first seed.")
    var from: UInt64 = 1

    @Option(name: .long, help: "Threads; each runs one seed at a time.")
    var jobs = 1

    @Option(name: .long, help: "Run fresh seeds for so many seconds instead of --seeds.")
    var time: Int?

    @Option(name: .long, help: "What goes wrong: none, network, storage or all.")
    var profile = "all"

    @Option(
        name: .long, help: "Where the services run: embedded, relayed or replicated; the seed decides unless given.")
    var topology: String?

    @Option(name: .long, help: "Orders of a run.")
    var orders = 12

    @Option(name: .long, help: "Plans that every run repeats first: a file with one set of these options a line.")
    var corpus: String?

    @Option(name: .long, help: "Numbers of orders that are left out.")
    var drop: String?

    @Option(name: .long, help: "Kinds of faults that are left out, such as crash,delay.")
    var without: String?

    @Option(name: .long, help: "Let only the first so many faults happen.")
    var limit: Int?

    @Option(name: .long, help: "Numbers of faults that are left out.")
    var skip: String?

    @Option(name: .long, help: "The longest delay of a delivery, in seconds.")
    var longestDelay: Int?

    @Option(name: .long, help: "Check every invariant after so many commits each.")
    var checkEvery: Int?

    @Flag(name: .long, help: "Orders only: nobody cancels, pays in or edits.")
    var plain = false

    @Flag(name: .long, help: "Tell what happens in the first seed.")
    var tell = false

    @Flag(name: .long, help: "Print each seed with the fingerprint of its run.")
    var hashes = false

    @Flag(name: .long, help: "Print how many runs reached each goal.")
    var coverage = false

    /// Goals count as missing only after so many runs, see ``Goals``.
    private static let meaningful = 2000

    func validate() throws {
        guard seeds > 0, (1...256).contains(jobs), time.map({ $0 > 0 }) ?? true, orders >= 0 else {
            throw ValidationError("--seeds, --jobs and --time are positive.")
        }
        guard FaultPlan.named[profile] != nil else { throw ValidationError("There is no profile '\(profile)'.") }
        guard topology.map({ Topology(rawValue: $0) != nil }) ?? true else {
            throw ValidationError("--topology is embedded, relayed or replicated.")
        }
        _ = try plan(from)
    }

    func run() async throws {
        if tell { return try await tellOne() }
        try await repeatCorpus()
        let began = Date()
        let deadline = time.map { began.addingTimeInterval(Double($0)) }
        let base = try plan(from)
        let campaign = Campaign(from: from, keepsFingerprints: hashes) { seed in
            var plan = base
            plan.seed = seed
            return plan
        }
        let progress = ProgressLine()
        let count = seeds
        let tally = try await campaign.run(jobs: jobs) { begun in
            if begun % 64 == 0 { progress.show(Self.summary(campaign.tally, since: began)) }
            return deadline.map { Date() < $0 } ?? (begun < count)
        }
        progress.end()
        StandardOutput.write(Self.summary(tally, since: began))
        for run in tally.fingerprints.sorted(by: { $0.key < $1.key }) {
            StandardOutput.write("\(run.key) \(run.value)")
        }
        if coverage {
            for goal in Goals.wanted { StandardOutput.write("\(tally.goals.runs[goal] ?? 0)\t\(goal)") }
        }
        if let failure = tally.failures.first { try await report(failure) }
        try report(missing: tally)
    }

    // MARK: Plans

    /// The plan that these options say, for a seed.
    private func plan(_ seed: UInt64) throws -> RunPlan {
        var text = "--from \(seed) --profile \(profile) --orders \(orders)"
        if let topology { text += " --topology \(topology)" }
        if let drop { text += " --drop \(drop)" }
        if let without { text += " --without \(without)" }
        if let limit { text += " --limit \(limit)" }
        if let skip { text += " --skip \(skip)" }
        if let longestDelay { text += " --longest-delay \(longestDelay)" }
        if let checkEvery { text += " --check-every \(checkEvery)" }
        if plain { text += " --plain" }
        return try RunPlan(arguments: text)
    }

    private func repeatCorpus() async throws {
        guard let corpus else { return }
        let plans = try Corpus(String(contentsOfFile: corpus, encoding: .utf8)).plans
        let failed = try await SimulationThread.run {
            let database = try ShopRun.makeDatabase()
            return try plans.lazy.map { try ShopRun($0).run(on: database) }.first { $0.failure != nil }
        }
        StandardOutput.write("corpus: \(plans.count) plans repeated")
        if let failed { try await report(failed) }
    }

    // MARK: Reports

    private static func summary(_ tally: Campaign.Tally, since began: Date) -> String {
        let seconds = Date().timeIntervalSince(began)
        let rate = String(format: "%.1f", Double(tally.runs) / max(seconds, 0.001))
        return "\(tally.runs) seeds in \(Int(seconds)) s (\(rate) a second): \(tally.orders) orders, "
            + "\(tally.commits) commits, \(tally.faults) faults; "
            + "\(Goals.wanted.count - tally.goals.missing().count) of \(Goals.wanted.count) goals reached; "
            + "\(tally.failures.count) failed"
    }

    private func tellOne() async throws {
        let plan = try plan(from)
        let result = try await SimulationThread.run { try ShopRun(plan).run(on: ShopRun.makeDatabase(), isTold: true) }
        for line in result.story { StandardOutput.write(line) }
        StandardOutput.write(
            "\(result.orders) orders, \(result.commits) commits, \(result.faults) faults, fingerprint \(result.hash)")
        guard let failure = result.failure else { return StandardOutput.write("clean") }
        StandardOutput.write("BROKEN  \(failure.check): \(failure.what)")
        throw ExitCode(1)
    }

    /// Makes a failing run smaller, tells it, and says how to repeat it.
    private func report(_ found: ShopRun.Result) async throws {
        guard let failure = found.failure else { return }
        StandardOutput.write("\nBROKEN in seed \(found.plan.seed): \(failure.check): \(failure.what)")
        StandardOutput.write("repeat it:  purchase simulate \(found.plan.arguments) --tell\n")
        let smallest = try await SimulationThread.run {
            let database = try ShopRun.makeDatabase()
            let smallest = try Shrinking.smallest(found, on: database)
            return try ShopRun(smallest.plan).run(on: database, isTold: true)
        }
        StandardOutput.write("The smallest run that breaks it:\n")
        for line in smallest.story { StandardOutput.write(line) }
        StandardOutput.write("\nBROKEN  \(failure.check): \(smallest.failure?.what ?? failure.what)")
        StandardOutput.write("repeat it:  purchase simulate \(smallest.plan.arguments) --tell")
        throw ExitCode(1)
    }

    private func report(missing tally: Campaign.Tally) throws {
        guard profile == "all", without == nil, topology == nil, tally.runs >= Self.meaningful else { return }
        let missing = tally.goals.missing(max(1, tally.runs / Self.meaningful))
        guard !missing.isEmpty else { return }
        StandardOutput.write("\nThese goals were reached too seldom, so nothing is known about them:")
        for goal in missing { StandardOutput.write("  \(goal)") }
        throw ExitCode(1)
    }
}
