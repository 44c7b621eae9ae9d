import ArgumentParser
import Foundation
import PurchaseApp
import PurchaseSimulation
import SagaTesting

struct Simulate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the services under virtual time with everything going wrong, and check every invariant.",
        discussion: """
            A seed decides everything, so a run that finds something is repeated by its seed. The first one is made smaller and \
            told as a story, with the command that repeats it. Exits 1 if anything is broken, or if the runs did not reach \
            every row of the saga's table.
            """)

    @Option(name: .long, help: "How many seeds to run.")
    var seeds = 1000

    @Option(name: .long, help: "The first seed.")
    var from: UInt64 = 1

    @Option(name: .long, help: "Threads; a seed runs on one.")
    var jobs = 1

    @Option(name: .long, help: "Stop after so many seconds; 0: after --seeds.")
    var time = 0

    @Option(name: .long, help: "What goes wrong: none, network, storage, all.")
    var profile = "all"

    @Flag(name: .long, help: "Tell what happens in the first seed.")
    var tell = false

    func run() async throws {
        guard let faults = FaultPlan.named[profile] else { throw ValidationError("unknown profile") }
        let began = Date()
        if tell {
            let plan = RunPlan(seed: from, faults: faults)
            let result = try await SimulationThread.run {
                try ShopRun(plan).run(on: ShopRun.makeDatabase(), isTold: true)
            }
            for line in result.story { StandardOutput.write(line) }
            StandardOutput.write(
                "\(result.hash) \(String(describing: result.failure)) steps \(result.steps) commits \(result.commits) faults \(result.faults) time \(result.virtualTime)"
            )
            return
        }
        let campaign = Campaign(from: from) { RunPlan(seed: $0, faults: faults) }
        let (seeds, time) = (seeds, time)
        let tally = try await campaign.run(jobs: jobs) { count in
            (time > 0 || count < seeds) && (time == 0 || Date().timeIntervalSince(began) < Double(time))
        }
        let seconds = Date().timeIntervalSince(began)
        StandardOutput.write(
            "\(tally.runs) runs in \(seconds) s, \(Double(tally.runs) / seconds)/s, commits \(tally.commits) faults \(tally.faults) orders \(tally.orders)"
        )
        for failure in tally.failures {
            StandardOutput.write("\(failure.plan.seed): \(String(describing: failure.failure))")
        }
        StandardOutput.write("missing: \(tally.goals.missing())")
    }
}
