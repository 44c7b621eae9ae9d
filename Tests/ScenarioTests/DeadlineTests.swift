import Items
import Orders
import Payments
import PurchaseContracts
import SagaChoreography
import Testing

@Suite struct `An order past its deadline` {
    @Test(.onItsOwnNetwork, arguments: StuckStep.all, [DeliveryMode.inOrder, .shuffledAndDuplicated])
    func `is undone when a step is stuck, and the step does nothing when it comes`(
        step: StuckStep, mode: DeliveryMode
    ) async throws {
        let world = try await World(Schedule(mode: mode, seed: 31))
        world.network.interfere(
            with: step.type, to: step.group, .until(world.clock.now() + World.timeout + .seconds(120)))
        let purchase = try await Purchase(in: world)
        try await world.run(for: World.timeout + .seconds(40))
        #expect(try await world.order(purchase.order).shown == .failed)
        try await world.finish()

        try await purchase.expectUndone(.failed, .deadline, .orderDeadline, in: world)
        #expect(world.gateway.charges(of: purchase.order) == 0)
        let reservations = try await world.database.read { try ItemQueries($0).reservations(ofOrder: purchase.order) }
        #expect(reservations.map(\.status) == (step.type == ItemReserved.type ? [.expired] : []))
    }

    @Test(arguments: GatewayEnd.allCases, Schedule.modes)
    func `is never failed while the gateway does not answer`(end: GatewayEnd, schedule: Schedule) async throws {
        let world = try await World(schedule)
        let purchase = try await Purchase(in: world)
        let silentUntil = world.clock.now() + World.timeout + .seconds(300)
        world.gateway.script(purchase.order) { script in
            end.apply(to: &script)
            script.silentUntil = silentUntil
        }
        try await world.run(for: World.timeout + .seconds(250))
        let waiting = try await world.order(purchase.order)
        #expect(waiting.state == .processing)
        #expect(waiting.cancelRequested == .deadline)
        try await world.finish()

        switch end {
        case .captured, .declined:
            try await purchase.expectUndone(.failed, .deadline, .orderDeadline, in: world)
        case .refundRefused: try await purchase.expectCompleted(in: world)
        }
    }

    @Test(.onItsOwnNetwork) func `keeps the first cause when user, manager and deadline all want it undone`()
        async throws
    {
        let world = try await World(Schedule(mode: .shuffledAndDuplicated, seed: 7))
        let purchase = try await Purchase(in: world)
        let silentUntil = world.clock.now() + World.timeout + .seconds(60)
        world.gateway.script(purchase.order) { $0.silentUntil = silentUntil }
        try await world.run(for: .seconds(60))
        #expect(try await world.cancel(purchase.order, by: purchase.user) == .requested)
        #expect(try await world.cancelReservation(of: purchase.order))
        #expect(try await world.cancel(purchase.order, by: purchase.user) == .requested)
        try await world.finish()

        try await purchase.expectUndone(.cancelled, .user, .orderCancelled, in: world)
        let settlement = try await world.database.read {
            try ItemQueries($0).settlement(of: [purchase.order])[purchase.order]
        }
        #expect(settlement?.cause == .user)
    }
}

@Suite struct `A reservation that a manager cancels` {
    @Test(arguments: GatewayEnd.allCases, Schedule.modes)
    func `undoes its order by the saga, if the gateway has not captured`(
        end: GatewayEnd, schedule: Schedule
    ) async throws {
        let world = try await World(schedule)
        let purchase = try await Purchase(in: world)
        let silentUntil = world.clock.now() + .seconds(100)
        world.gateway.script(purchase.order) { script in
            end.apply(to: &script)
            script.silentUntil = silentUntil
        }
        try await world.run(for: .seconds(50))
        #expect(try await world.cancelReservation(of: purchase.order))
        #expect(try await world.cancelReservation(of: purchase.order), "asking again is no mistake")
        try await world.finish()

        let reservations = try await world.database.read { try ItemQueries($0).reservations(ofOrder: purchase.order) }
        switch end {
        case .captured, .declined:
            try await purchase.expectUndone(.failed, .admin, .reservationCancelled, in: world)
            #expect(reservations.map(\.status) == [.cancelled])
        case .refundRefused:
            try await purchase.expectCompleted(in: world)
            #expect(reservations.map(\.status) == [.confirmed])
        }
    }

    @Test(.onItsOwnNetwork) func `cannot be, once it is sold`() async throws {
        let world = try await World()
        let purchase = try await Purchase(in: world)
        try await world.finish()
        let reservations = try await world.database.read { try ItemQueries($0).reservations(ofOrder: purchase.order) }
        let reservation = try #require(reservations.first)
        await #expect(throws: ItemsRefusal.reservationConflict(.confirmed)) {
            try await world.system.commands(of: ItemsParticipant.service).run(
                RequestReservationCancel(reservation: reservation.id, actor: World.admin, reason: "damaged"))
        }
        try await world.expectCleanAndAtRest()
    }
}
