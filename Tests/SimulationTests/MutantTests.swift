import Foundation
import PurchaseSimulation
import SagaTesting
import Testing

@Suite struct `Deliberate mistakes` {
    static let all = Mutant.money + Mutant.goods + Mutant.saga + Mutant.transport + Mutant.gateway + Mutant.refunds

    /// Seeds that may be needed to find one.
    static let most: UInt64 = 200
    /// Seeds in which every part of a mistake must take effect.
    static let enough: UInt64 = 20
    /// Asked for: in how many of so many seeds each is found. Otherwise the first one is enough.
    static let census = ProcessInfo.processInfo.environment["SIMULATION_CENSUS"].flatMap { UInt64($0) }

    @Test(arguments: all)
    func `are found by the simulation`(_ mutant: Mutant) async throws {
        let found = try await SimulationThread.run { () throws -> [ShopRun.Result] in
            let database = try ShopRun.makeDatabase()
            var found: [ShopRun.Result] = []
            for seed in 1...(Self.census ?? Self.most) {
                // A part may take effect only after another one was found; it gets some more seeds.
                let isWhole = seed > Self.enough || mutant.effects.idle(of: mutant.parts).isEmpty
                let isDone = !found.isEmpty && isWhole
                guard !isDone || Self.census != nil else { break }
                // What small runs do not show takes orders that meet.
                let plan: RunPlan = seed > Self.enough ? RunPlan(seed: seed) : .ofAnySize(seed: seed)
                let result = try ShopRun(plan, planted: mutant.planted).run(on: database)
                if result.failure != nil { found.append(result) }
            }
            return found
        }
        let idle = mutant.effects.idle(of: mutant.parts)
        #expect(idle == [], "parts of the mistake never took effect: do their statements still look like that?")
        #expect(!found.isEmpty, "nothing was found")
        if let seeds = Self.census {
            let checks = Dictionary(grouping: found.compactMap { $0.failure?.check }) { $0 }
            let list = checks.sorted { $0.value.count > $1.value.count }.map { "\($0.key) \($0.value.count)" }
            print("| \(mutant.mistake) | \(found.count) of \(seeds) | \(list.joined(separator: ", ")) |")
        }
    }

    @Test func `there are enough of them, each planted in its own way`() {
        #expect(Self.all.count >= 30)
        #expect(Set(Self.all.map(\.mistake)).count == Self.all.count)
    }
}
