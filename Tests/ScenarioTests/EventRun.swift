import Coupons
import PurchaseContracts
import SagaChoreography
import Testing

/// Everything that the system can emit, as it is really written: orders of every ending, and coupons of every fate.
enum EventRun {
    /// What was emitted, in order.
    static func emitted() async throws -> [Envelope] {
        let world = try await World()
        var repertoire = try await Repertoire(in: world)
        try await world.waitForCatalog(repertoire.acts.values.map(\.item))
        try await coupons(in: world)
        try await repertoire.play()
        try await world.finish()
        return world.emitted.envelopes
    }

    /// One coupon runs out, one is switched off, one expires unused.
    private static func coupons(in world: World) async throws {
        let commands = world.system.commands(of: CouponsParticipant.service)
        let few = try await world.coupon(code: "few", quantity: 10)
        for _ in 0..<10 { _ = try await world.copy(of: few, for: try await world.user()) }
        _ = try await commands.run(SetCouponActive(coupon: few, isActive: false, actor: World.admin))
        let brief = try await world.coupon(validity: .relative(days: 1))
        _ = try await world.copy(of: brief, for: try await world.user())
        world.clock.advance(by: .seconds(3 * 86_400))
        _ = try await world.activity("coupons.expiry-worker").poll()
    }
}
