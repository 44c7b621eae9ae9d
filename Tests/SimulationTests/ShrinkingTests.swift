import PurchaseSimulation
import SagaTesting
import Testing

@Suite struct `Making a failing run smaller` {
    @Test func `what is left fails in the same way, with fewer orders and faults, and says how to repeat it`()
        async throws
    {
        let mistake = "payment.rollback is never sent"
        let mutant = try #require(`Deliberate mistakes`.all.first { $0.mistake == mistake })
        let (found, smallest, again) = try await SimulationThread.run {
            let database = try ShopRun.makeDatabase()
            let found = try ShopRun(RunPlan(seed: 1), planted: mutant.planted).run(on: database)
            let smallest = try Shrinking.smallest(found, on: database, planted: mutant.planted, runs: 40)
            let plan = try RunPlan(arguments: smallest.plan.arguments)
            return (found, smallest, try ShopRun(plan, planted: mutant.planted).run(on: database, isTold: true))
        }
        #expect(found.failure != nil)
        #expect(smallest.failure?.check == found.failure?.check)
        #expect(smallest.orders < found.orders)
        #expect(smallest.faults < found.faults)
        #expect(again.plan == smallest.plan)
        #expect(again.hash == smallest.hash)
        #expect(again.story.contains { $0.contains("order.failed") || $0.contains("order.cancelled") })
    }

    @Test(arguments: [
        RunPlan(seed: 7),
        RunPlan(
            seed: .max, faults: .network.without([.flush, .loss]), topology: .relayed, orders: 3, dropped: [1, 2],
            isPlain: true, checkInterval: 1),
    ])
    func `a plan survives its options`(plan: RunPlan) throws {
        var plan = plan
        plan.faults.limit = 9
        plan.faults.skipped = [3, 1]
        plan.faults.longestDelay = .seconds(5)
        #expect(try RunPlan(arguments: plan.arguments + "  # why") == plan)
    }

    @Test(arguments: ["--from x", "--profile nothing", "from 1", "--limit"])
    func `text that is no plan is refused`(text: String) {
        #expect(throws: RunPlan.Unreadable.self) { _ = try RunPlan(arguments: text) }
    }
}
