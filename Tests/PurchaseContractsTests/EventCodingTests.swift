import Foundation
import PurchaseContracts
import SagaChoreography
import Testing

@Suite struct EventCodingTests {
    private static func facts(coupon: CouponChoice?) -> OrderFacts {
        OrderFacts(
            id: OrderID(UUID()), userID: UserID(UUID()),
            lines: [
                OrderLine(
                    itemID: ItemID(UUID()), name: "Sword \"of\" 빛/\\", categoryID: nil, unitPrice: Money(7), quantity: 3
                ),
                OrderLine(
                    itemID: ItemID(UUID()), name: "Shield", categoryID: CategoryID(UUID()), unitPrice: Money(.max),
                    quantity: 1),
            ],
            total: Money(21), discount: Money(1), final: Money(20), currency: .krw, coupon: coupon,
            orderedAt: Timestamp(milliseconds: 1_700_000_000_123), deadline: Timestamp(milliseconds: -5),
            actor: UserID(UUID()))
    }

    private static let orders = [
        facts(coupon: nil), facts(coupon: .code("SPRING 10%")), facts(coupon: .owned(UserCouponID(UUID()))),
    ]
    private static let refusal = Refusal(.insufficientBalance, ["requested": 20, "available": -3])

    private static var events: [any DirectJSON & Event] {
        let plain: [any BareOrderEvent.Type] = [
            OrderCreated.self, CouponValidationRequested.self, OrderCompleted.self, UserValidated.self,
            PaymentRollback.self, PaymentConfirmed.self, InventoryReserved.self, InventoryRollback.self,
            InventoryConfirmed.self, ItemReserved.self, ItemRestored.self, ItemDeducted.self, PaymentProcessed.self,
            CouponUsed.self, CouponReleased.self,
        ]
        let refused: [any RefusedOrderEvent.Type] = [
            OrderCancelRequested.self, OrderFailed.self, OrderCancelled.self, UserValidationFailed.self,
            InventoryReservationFailed.self, ItemReservationFailed.self, PaymentFailed.self,
            CouponValidationFailed.self,
        ]
        return orders.flatMap { order -> [any DirectJSON & Event] in
            plain.map { $0.init(order: order) }
                + refused.map { $0.init(order: order, cause: .refused, refusal: refusal) }
                + [PaymentReserved(order: order, slotCapacity: 40), OrderSettled(orderID: order.id)] + copies(order)
        }
    }

    private static func copies(_ order: OrderFacts) -> [any DirectJSON & Event] {
        let (coupon, copy) = (CouponID(UUID()), UserCouponID(UUID()))
        return [
            CouponValidated(order: order, userCouponID: copy),
            CouponHeld(order: order, couponID: coupon, userCouponID: copy),
            CouponUsageCancelled(order: order, couponID: coupon, userCouponID: copy),
        ]
    }

    @Test func `an event that writes itself is what the compiler's coding would write, and the other way round`() throws
    {
        for event in Self.events { try check(event) }
    }

    private func check<E: DirectJSON & Event>(_ event: E) throws {
        let general = try JSONEncoder().encode(event)
        #expect(try object(event.encoded()) == object(general), "\(E.type)")
        #expect(try object(E.decoded(from: general).encoded()) == object(general), "\(E.type)")
        #expect(
            try object(JSONEncoder().encode(JSONDecoder().decode(E.self, from: event.encoded()))) == object(general))
    }

    private func object(_ json: Data) throws -> NSDictionary {
        try #require(try JSONSerialization.jsonObject(with: json) as? NSDictionary)
    }

    @Test func `a field that is missing is named`() throws {
        let json = Data(#"{"order":{"id":"00000000-0000-0000-0000-000000000000"}}"#.utf8)
        #expect(throws: DecodingError.self) { try OrderCreated.decoded(from: json) }
    }

    @Test func `facts that are changed after they were written are written anew`() {
        let first = Self.facts(coupon: nil)
        _ = first.directJSON()
        var second = first
        second.final = Money(7)
        #expect(String(decoding: second.directJSON(), as: UTF8.self).contains("\"final\":7"))
        #expect(first.directJSON() != second.directJSON())
        #expect(first != second)
    }
}
