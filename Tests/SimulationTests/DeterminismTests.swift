import PurchaseSimulation
import SagaTesting
import Testing

@Suite struct `One seed is one run` {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `a run repeated does the same, to the last value written`(seed: UInt64) async throws {
        let hashes = try await SimulationThread.run {
            let database = try ShopRun.makeDatabase()
            return try (0..<2).map { _ in try ShopRun(RunPlan(seed: seed)).run(on: database).hash }
        }
        #expect(hashes[0] == hashes[1])
    }
}
