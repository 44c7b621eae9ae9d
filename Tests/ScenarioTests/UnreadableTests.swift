import Coupons
import Foundation
import Items
import Notifications
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Testing
import Users

/// Nobody can get rid of a message by waiting for its order to be settled where no row says so.
@Suite struct `What a consumer without a row of it cannot read` {
    private static func fields(_ data: Data) throws -> NSDictionary? {
        try JSONSerialization.jsonObject(with: data) as? NSDictionary
    }

    /// It may go neither as it is nor as what never happened, and what really happened changes this.
    private func mend(
        _ letter: ParkedMessage, otherwise: (String) -> String, to expected: ExpectedEffect, in world: World
    ) async throws {
        let sound = String(decoding: try world.soundEvent(of: letter).data, as: UTF8.self)
        let asked = World.asked(because: "its fields were lost")
        do {
            _ = try await world.letters.discard(.one(letter.id), asked)
            Issue.record("what nobody can read was forgotten")
        } catch DeadLetterRefusal.undecided {}
        let wrong = otherwise(sound)
        try #require(wrong != sound)
        await #expect(throws: DeadLetterRefusal.contradiction) {
            _ = try await world.letters.edit(letter.id, DeadLetterEdit(data: Data(wrong.utf8)), asked)
        }
        let edit = DeadLetterEdit(data: Data(sound.utf8))
        // Whoever has no order to ask about is not told.
        let known = try await world.letters.knownEdit(of: letter.id)
        let told = letter.subject == nil ? nil : try Self.fields(edit.data)
        #expect(try known.flatMap { try Self.fields($0.data) } == told)
        #expect(try await world.letters.plan(edit, of: letter.id).effect == expected)
        _ = try await world.letters.edit(letter.id, edit, asked)
    }

    @Test(.onItsOwnNetwork)
    func `of a cancelled order says how that ended, and is forgotten by Coupons when it had no coupon`()
        async throws
    {
        let world = try await World()
        let (user, item) = (try await world.user(), try await world.item())
        let order = try await world.place(user, [item: 1])
        world.network.interfere(with: OrderCancelled.type, to: CouponsParticipant.service, of: order.uuid, .corrupt)
        _ = try await world.cancel(order, by: user)
        try await world.finish(parked: 1)
        let letter = try await world.parkedLetter()
        try await mend(
            letter, otherwise: { $0.replacing(#""cause":"user""#, with: #""cause":"admin""#) },
            to: .handled(.ignored, emits: []), in: world)
        _ = try await world.letters.discard(.one(letter.id), World.asked(because: "there was no coupon"))
        try await world.finish()
    }

    @Test(.onItsOwnNetwork) func `of a cancelled order is told to its user once it was edited`() async throws {
        let world = try await World()
        let (user, item) = (try await world.user(), try await world.item())
        let order = try await world.place(user, [item: 1])
        world.network.interfere(
            with: OrderCancelled.type, to: NotificationsParticipant.service, of: order.uuid, .corrupt)
        _ = try await world.cancel(order, by: user)
        try await world.finish(parked: 1)
        let letter = try await world.parkedLetter()
        try await mend(
            letter,
            otherwise: {
                $0.replacing(RefusalCode.orderCancelled.rawValue, with: RefusalCode.orderDeadline.rawValue)
            }, to: .handled(.applied, emits: []), in: world)
        try await world.replay(letter.id)
        try await world.finish()
        #expect(try await world.database.read { try NotificationQueries($0).notifications(of: order).count } == 1)
    }

    @Test(.onItsOwnNetwork) func `of a failed order says why it failed`() async throws {
        let world = try await World()
        let (user, item) = (try await world.user(), try await world.item())
        let order = try await world.place(user, [item: 1])
        world.gateway.script(order) { $0.captures = false }
        world.network.interfere(with: OrderFailed.type, to: NotificationsParticipant.service, of: order.uuid, .corrupt)
        try await world.finish(parked: 1)
        let letter = try await world.parkedLetter()
        try await mend(
            letter, otherwise: { $0.replacing(#""cause":"declined""#, with: #""cause":"deadline""#) },
            to: .handled(.applied, emits: []), in: world)
        try await world.replay(letter.id)
        try await world.finish()
    }

    @Test(.onItsOwnNetwork) func `of a settled order closes its row at last`() async throws {
        let world = try await World()
        let (user, item) = (try await world.user(), try await world.item())
        let order = try await world.place(user, [item: 1])
        let other = try await world.place(user, [item: 1])
        world.network.interfere(with: OrderSettled.type, to: UsersParticipant.service, of: order.uuid, .corrupt)
        let letter = try await world.parkedLetter()
        // It is open for Users, so what Users emitted of it stays.
        try await world.run(for: .seconds(10))
        try await mend(
            letter, otherwise: { $0.replacing(order.uuid.uuidString, with: other.uuid.uuidString) },
            to: .handled(.applied, emits: []), in: world)
        #expect(
            try await world.database.read { try UserQueries($0).settlement(of: [order])[order] }?.isSettled == false)
        try await world.replay(letter.id)
        try await world.finish()
        #expect(try await world.database.read { try UserQueries($0).settlement(of: [order])[order] }?.isSettled == true)
    }

    @Test(.onItsOwnNetwork) func `of a coupon that expires is told to its owner once it was edited`() async throws {
        let world = try await World()
        let user = try await world.user()
        world.network.interfere(with: CouponExpiringWarning.type, to: NotificationsParticipant.service, .corrupt)
        _ = try await world.copy(of: try await world.coupon(code: "soon", validity: .relative(days: 1)), for: user)
        let letter = try await world.parkedLetter(within: .seconds(7_200))
        try await mend(
            letter, otherwise: { $0.replacing(#""soon""#, with: #""late""#) }, to: .handled(.applied, emits: []),
            in: world)
        try await world.replay(letter.id)
        try await world.finish()
    }

    @Test(.onItsOwnNetwork) func `of an item is in the catalogue once it says how the item is now`() async throws {
        let world = try await World()
        world.network.interfere(with: ItemCreated.type, to: OrdersParticipant.service, .corrupt)
        let item = try await world.newItem(price: 1_234)
        let letter = try await world.parkedLetter()
        try await mend(
            letter, otherwise: { $0.replacing("1234", with: "1") }, to: .handled(.applied, emits: []), in: world)
        try await world.replay(letter.id)
        try await world.finish()
        #expect(try await world.database.read { try OrderQueries($0).hasItems([item: 1]) })
    }

    @Test(.onItsOwnNetwork) func `of a refund is told to its user once it names the refund that succeeded`()
        async throws
    {
        let world = try await World()
        let purchase = try await Purchase(in: world)
        try await world.finish()
        world.network.interfere(
            with: OrderRefunded.type, to: NotificationsParticipant.service, of: purchase.order.uuid, .corrupt)
        _ = try await world.refund(purchase.order)
        try await world.finish(parked: 1)
        let refund = try #require(try await world.order(purchase.order).refund).id.uuid.uuidString
        let letter = try await world.parkedLetter()
        try await mend(
            letter, otherwise: { $0.replacing(refund, with: UUID().uuidString) }, to: .handled(.applied, emits: []),
            in: world)
        try await world.replay(letter.id)
        try await world.finish()
    }

    @Test(.onItsOwnNetwork) func `of an order that is not where it would be is neither known nor taken`() async throws {
        let world = try await World()
        let (user, item) = (try await world.user(), try await world.item())
        let order = try await world.place(user, [item: 1])
        world.gateway.script(order) { $0.captures = false }
        try await world.finish()
        let failed = try #require(emitted(OrderFailed.type, of: order, in: world))
        let facts = try OrderFailed.decoded(from: failed.data).order
        let now = world.clock.now()
        for event in [
            OrderCompleted(order: facts) as any Event, PaymentProcessed(order: facts), ItemDeducted(order: facts),
        ] {
            let envelope = Envelope(
                id: world.ids.next(), type: type(of: event).type, version: 1, source: "orders", subject: order.uuid,
                time: now, correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8))
            try await world.database.write { transaction in
                try SQLSagaStore(world.database).park(
                    Retry(envelope: envelope, attempts: 1, dueAt: now, reason: "no order"),
                    because: .permanent(.undecodable, "no order"), for: Self.consumer(of: event), at: now,
                    in: transaction)
            }
            let letter = ParkedMessages.id(of: envelope.id, in: Self.consumer(of: event))
            #expect(try await world.letters.knownEdit(of: letter) == nil, "\(envelope.type)")
            await #expect(throws: DeadLetterRefusal.contradiction, "\(envelope.type)") {
                _ = try await world.letters.plan(DeadLetterEdit(data: try event.encoded()), of: letter)
            }
        }
    }

    private static func consumer(of event: any Event) -> ServiceID {
        event is OrderCompleted ? NotificationsParticipant.service : OrdersParticipant.service
    }

    private func emitted(_ type: EventType, of order: OrderID, in world: World) -> Envelope? {
        world.emitted.envelopes.first { $0.type == type && $0.subject == order.uuid }
    }
}
