import PurchaseSimulation
import SagaTesting
import Testing

@Suite struct `Deliberate mistakes` {
    static let all = Mutant.money + Mutant.goods + Mutant.saga + Mutant.transport + Mutant.gateway

    /// Seeds that may be needed to find one.
    static let most: UInt64 = 150

    @Test(arguments: all)
    func `are found by the simulation`(_ mutant: Mutant) async throws {
        let found = try await SimulationThread.run { () throws -> ShopRun.Result? in
            let database = try ShopRun.makeDatabase()
            for seed in 1...Self.most {
                let result = try ShopRun(RunPlan(seed: seed), planted: mutant.planted).run(on: database)
                if result.failure != nil { return result }
            }
            return nil
        }
        #expect(mutant.effects.total > 0, "the mistake never took effect: does its statement still look like that?")
        let failure = found?.failure
        #expect(failure != nil, "nothing was found in \(Self.most) seeds")
        print(
            "MUTANT \(mutant.mistake): seed \(found?.plan.seed ?? 0) \(failure?.check ?? "-") \(failure?.what.prefix(160) ?? "")"
        )
    }

    @Test func `there are enough of them, each planted in its own way`() {
        #expect(Self.all.count >= 30)
        #expect(Set(Self.all.map(\.mistake)).count == Self.all.count)
    }
}
