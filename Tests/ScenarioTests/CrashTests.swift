import PurchaseContracts
import SagaChoreography
import SagaTesting
import Synchronization
import Testing

/// Fails at one named place, by chance, while the system runs: before a commit all of it is lost, after it the caller does not
/// learn that it succeeded.
final class CrashingProbe: Probe {
    private let point: ProbePoint
    private let random: SeededRandom
    private let state = Mutex((isArmed: false, crashes: 0))

    init(_ point: ProbePoint, seed: UInt64) {
        self.point = point
        random = SeededRandom(seed: seed)
    }

    var crashes: Int { state.withLock { $0.crashes } }

    func arm(_ isArmed: Bool) { state.withLock { $0.isArmed = isArmed } }

    func reach(_ point: ProbePoint) throws {
        guard point == self.point, state.withLock({ $0.isArmed }), random.chance(30) else { return }
        state.withLock { $0.crashes += 1 }
        throw SagaFault.unavailable("crashed at \(point.rawValue)")
    }
}

@Suite struct `Every order of the repertoire` {
    @Test(arguments: ProbePoint.allCases, [DeliveryMode.embedded, .inOrder])
    func `ends the same however often the system crashes at one place`(
        point: ProbePoint, mode: DeliveryMode
    ) async throws {
        let probe = CrashingProbe(point, seed: 5)
        let world = try await World(Schedule(mode: mode, seed: 5), probe: probe)
        var repertoire = try await Repertoire(in: world)
        try await world.waitForCatalog(repertoire.acts.values.map(\.item))
        try await repertoire.play { probe.arm($0) }
        probe.arm(true)
        try await world.runUntilRest()
        probe.arm(false)
        try await world.expectCleanAndAtRest()

        #expect(probe.crashes > 0)
        for part in Part.allCases { #expect(try await repertoire.ending(of: part) == part.ending, "\(part)") }
        try await repertoire.expectAmountsFollowEndings()
    }

    @Test(.onItsOwnNetwork, arguments: 1...6 as ClosedRange<UInt64>)
    func `ends the same on a network that shuffles and duplicates`(seed: UInt64) async throws {
        let world = try await World(Schedule(mode: .shuffledAndDuplicated, seed: seed))
        // Late deliveries would let the gateway answer before the others ask to cancel.
        var repertoire = try await Repertoire(
            [.bought, .withoutCoupon, .tooPoor, .noSlot, .soldOut, .declined, .overdue], in: world)
        try await world.waitForCatalog(repertoire.acts.values.map(\.item))
        try await repertoire.play()
        try await world.finish()
        for part in repertoire.parts { #expect(try await repertoire.ending(of: part) == part.ending, "\(part)") }
        try await repertoire.expectAmountsFollowEndings()
    }
}
