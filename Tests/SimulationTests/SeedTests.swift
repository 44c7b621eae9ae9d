import Foundation
import PurchaseSimulation
import SagaTesting
import Testing

@Suite struct `Simulated runs` {
    @Test func `plans that once found something find nothing any more`() async throws {
        let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "corpus.txt").path
        let plans = try Corpus(String(contentsOfFile: path, encoding: .utf8)).plans
        let failures = try await SimulationThread.run {
            let database = try ShopRun.makeDatabase()
            return try plans.compactMap { plan in
                try ShopRun(plan).run(on: database).failure.map { "\(plan.arguments): \($0.check): \($0.what)" }
            }
        }
        #expect(failures == [])
        #expect(!plans.isEmpty)
    }

    @Test func `with everything going wrong nothing breaks, and every row of the table is reached`() async throws {
        let campaign = Campaign(from: 1) { .ofAnySize(seed: $0) }
        let tally = try await campaign.run(jobs: 2) { $0 < 240 }
        #expect(tally.failures.compactMap { $0.failure.map { "\($0.check): \($0.what)" } } == [])
        #expect(tally.goals.missing() == [])
    }

    @Test(arguments: ["none", "network", "storage"])
    func `nothing breaks under a part of the faults either`(profile: String) async throws {
        let faults = try #require(FaultPlan.named[profile])
        let campaign = Campaign(from: 10_001) { RunPlan(seed: $0, faults: faults) }
        let tally = try await campaign.run(jobs: 1) { $0 < 30 }
        #expect(tally.failures.compactMap { $0.failure.map { "\($0.check): \($0.what)" } } == [])
        #expect(tally.runs == 30)
    }

    @Test func `a run without faults ends every order at once: nobody is asked to send again`() async throws {
        let plan = RunPlan(seed: 5, faults: .none, isPlain: true)
        let result = try await SimulationThread.run { try ShopRun(plan).run(on: ShopRun.makeDatabase()) }
        #expect(result.failure == nil)
        #expect(result.faults == 0)
        #expect(result.goals.runs["users: order.resync → applied"] == nil)
    }
}

extension RunPlan {
    /// Few orders in most runs, many in every fourth: a mistake that one order shows is found in a third of the time, and what only
    /// many orders can do to each other is still tried.
    static func ofAnySize(seed: UInt64) -> RunPlan { RunPlan(seed: seed, orders: seed.isMultiple(of: 4) ? 12 : 3) }
}
