import FoundationEssentials
import Orders
import PurchaseApp
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

/// Somebody who does to dead letters and orders whatever may be done, whenever it comes to his mind.
private struct RestlessOperator {
    let world: World
    private let request = World.asked(because: "restless")

    init(in world: World) { self.world = world }

    /// Does one thing, and says which; what is refused is as good.
    func act(on order: OrderID) async throws -> String {
        let parked = try await world.database.read { try ParkedMessages.list(limit: 10, in: $0) }
        guard !parked.isEmpty else { return try await resync(order) }
        let letter = parked[world.random.below(parked.count)]
        do {
            switch world.random.below(6) {
            case 0: return try await resync(order)
            case 1:
                _ = try await world.letters.discard(.one(letter.id), request)
                return "discarded"
            case 2:
                _ = try await world.letters.plan(world.random.below(2) == 0 ? .replay : .discard, .one(letter.id))
                return "tried"
            case 3:
                guard let data = try await soundData(of: letter) else { return "nothing" }
                _ = try await world.letters.edit(letter.id, DeadLetterEdit(data: data), request)
                return "edited"
            default:
                try await world.replay(letter.id)
                return "replayed"
            }
        } catch is DeadLetterRefusal {
            return "refused"
        }
    }

    private func resync(_ order: OrderID) async throws -> String {
        _ = try await world.system.commands(of: OrdersParticipant.service).run(ResyncOrder(order, request))
        return "resynced"
    }

    /// The event as it was emitted, while an outbox has it.
    private func soundData(of letter: ParkedMessage) async throws -> Data? {
        guard let subject = letter.subject else { return nil }
        return try await world.database.read { transaction in
            try OutboxReader.held(of: subject, in: transaction).first { $0.id == letter.eventID }?.data
        }
    }
}

@Suite struct `Whatever an operator does to what is parked` {
    @Test(
        arguments: `An order that does not settle`.healed,
        [Schedule(mode: .inOrder, seed: 5), Schedule(mode: .shuffledAndDuplicated, seed: 6)])
    func `breaks nothing, at any time`(step: StuckStep, schedule: Schedule) async throws {
        let world = try await World(schedule)
        let (bought, declined) = try await Purchase.two(in: world)
        world.gateway.script(declined.order) { $0.captures = false }
        for order in [bought.order, declined.order] {
            world.network.interfere(with: step.type, to: step.group, of: order.uuid, .corrupt)
        }
        let restless = RestlessOperator(in: world)
        var deeds: [String: Int] = [:]
        for _ in 0..<12 {
            try await world.run(for: .seconds(Int64(world.random.below(40))))
            let order = world.random.below(2) == 0 ? bought.order : declined.order
            deeds[try await restless.act(on: order), default: 0] += 1
        }
        #expect(deeds.values.reduce(0, +) == 12)
        world.network.behave()
        try await world.runUntilRest()
        let parked = try await world.database.read { try ParkedMessages.count(ParkedFilter(), in: $0) }
        try await world.expectCleanAndAtRest(parked: parked)
        // What was lost on the way and is over by now is of no use to anybody.
        let left = try await world.database.read { try ParkedMessages.list(limit: 10, in: $0) }
        let request = InterventionRequest(by: nil, reason: "it is over")
        for letter in left {
            do {
                _ = try await world.letters.discard(.one(letter.id), request)
            } catch DeadLetterRefusal.hasEffect(let disposition, let emits) {
                // Save for an undo that is acknowledged once more.
                #expect(disposition == .applied && emits.count == 1)
                try await world.replay(letter.id)
            }
        }
        try await world.finish()
        let order = try await world.order(bought.order)
        if order.shown == .completed {
            try await bought.expectCompleted(in: world)
        } else {
            try await bought.expectUndone(.failed, .deadline, .orderDeadline, in: world)
        }
        #expect(try await world.order(declined.order).shown == .failed)
        #expect(try await world.holdings(declined.user, declined.item) == declined.before)
    }

    @Test(.onItsOwnNetwork) func `of a step that came too late changes nothing, though it can be read again`()
        async throws
    {
        let world = try await World()
        let purchase = try await Purchase(in: world)
        world.network.interfere(with: InventoryReserved.type, to: "items", of: purchase.order.uuid, .corrupt)
        try await world.run(for: .seconds(5))
        let letter = try #require(try await world.database.read { try ParkedMessages.list(limit: 1, in: $0) }.first)
        let sound = try await world.database.read { transaction in
            try OutboxReader.held(of: purchase.order.uuid, in: transaction).first { $0.id == letter.eventID }
        }
        try await world.finish(parked: 1)
        let request = World.asked(because: "its fields were lost")
        _ = try await world.letters.edit(letter.id, DeadLetterEdit(data: try #require(sound).data), request)
        #expect(
            try await world.letters.plan(.replay, .one(letter.id)).map(\.effect) == [.handled(.ignored, emits: [])])
        let operation = try await world.replay(letter.id)
        try await world.finish()
        let outcome = try await world.database.read { try Interventions.operation(operation.id, in: $0) }
        #expect(outcome?.items.map(\.disposition) == [.ignored])
        try await purchase.expectUndone(.failed, .deadline, .orderDeadline, in: world)
    }
}
