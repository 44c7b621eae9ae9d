import FoundationEssentials
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting

/// Somebody who does to what is parked whatever may be done, as administrators do over HTTP. What is refused he leaves alone.
struct ShopOperator: Sendable {
    private let world: ShopWorld
    private let dice: SeededRandom
    private let request = InterventionRequest(by: nil, reason: "restless")
    private var simulation: Simulation { world.simulation }

    init(_ world: ShopWorld, _ dice: SeededRandom) {
        self.world = world
        self.dice = dice
    }

    func run(_ repair: Script.Repair) async {
        guard repair != .resync else { return await resync() }
        guard let letter = await parked() else { return }
        let name = "\(letter.type) that \(letter.consumer) parked"
        switch repair {
        case .resync: break
        case .replay:
            if await ask({ try await $0.replay(.one(letter.id), request) }) { tell("replayed \(name)") }
        case .discard:
            if await ask({ try await $0.discard(.one(letter.id), request) }) { tell("discarded \(name)") }
        case .editAndReplay:
            guard
                let sound = try? world.store.read({ try OutboxReader.held(of: letter.subject ?? UUID(), in: $0) })
                    .first(where: { $0.id == letter.eventID })
            else { return }
            let edit = DeadLetterEdit(data: sound.data)
            _ = await ask { _ = try await $0.plan(edit, of: letter.id) }
            guard await ask({ try await $0.edit(letter.id, edit, request) }) else { return }
            tell("edited \(name)")
            _ = await ask { _ = try await $0.plan(.replay, .one(letter.id)) }
            if await ask({ try await $0.replay(.one(letter.id), request) }) { tell("replayed \(name)") }
        }
    }

    /// Gives a message back what it must have said, and replays it.
    func mend(_ letter: ParkedMessage) async {
        let isEdited = await ask { letters -> Void in
            guard let edit = try await letters.knownEdit(of: letter.id) else { throw DeadLetterRefusal.notFound }
            _ = try await letters.edit(letter.id, edit, request)
        }
        if isEdited {
            world.poison.mend()
            tell("found out what \(letter.type) said that \(letter.consumer) parked")
        }
        // One that was edited before, its replay refused, is replayed; one of which nobody knows anything stays, and fails the run.
        _ = await ask { letters -> Void in
            guard let found = try await letters.message(letter.id), found.isReadable else { return }
            _ = try await letters.replay(.one(letter.id), request)
        }
    }

    /// One that is parked, once there is one; `nil` if that takes too long.
    private func parked() async -> ParkedMessage? {
        for _ in 0..<20 {
            let found = try? world.store.read { try ParkedMessages.list(limit: 10, in: $0) }
            if let found, !found.isEmpty { return found[dice.below(found.count)] }
            await simulation.sleep(for: .milliseconds(1500))
        }
        return nil
    }

    private func resync() async {
        let orders = try? world.store.read { try OrderQueries($0).unsettled(limit: 20) }
        guard let orders, !orders.isEmpty else { return }
        let order = orders[dice.below(orders.count)].id
        tell("sends order \(order) again")
        // Once: whether it was done or not, nothing may break.
        if let system = world.system(for: OrdersParticipant.service) {
            _ = try? await system.commands(of: OrdersParticipant.service).run(ResyncOrder(order, request))
        }
    }

    /// Asks until there is an answer, or enough is enough: it may have been done.
    ///
    /// - Returns: whether it is known to be done.
    private func ask(_ body: @Sendable (DeadLetters) async throws -> Void) async -> Bool {
        for _ in 0..<20 {
            guard let letters = world.deadLetters() else {
                await simulation.sleep(for: .milliseconds(700))
                continue
            }
            do {
                try await body(letters)
                return true
            } catch is DeadLetterRefusal {
                return false
            } catch {
                await simulation.sleep(for: .milliseconds(400))
            }
        }
        return false
    }

    private func ask(_ body: @Sendable (DeadLetters) async throws -> Intervention) async -> Bool {
        await ask { letters -> Void in _ = try await body(letters) }
    }

    private func tell(_ what: String) { simulation.story.tell(simulation.clock.now(), "the operator \(what)") }
}
