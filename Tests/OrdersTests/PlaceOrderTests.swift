import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing

@testable import Orders

@Suite struct PlaceOrderTests {
    private let sword = OrdersFixture.sword

    @Test func `an order without coupon is processing and created at the catalogue's prices`() async throws {
        try await withOrders { orders in
            let result = try await orders.run(OrdersFixture.request([(sword, 2), (OrdersFixture.potion, 3)]))
            let created = try #require(try result.event(OrderCreated.self))
            #expect(result.types == [OrderCreated.type])
            #expect(created.order.total == Money(2750))
            #expect(created.order.final == Money(2750))
            #expect(created.order.deadline == orders.clock.now() + OrdersFixture.timeout)
            #expect(created.order.lines.map(\.itemID) == [sword, OrdersFixture.potion])
            #expect(result.outcome.isReplay == false)
            #expect(try await orders.view(created.order.id) == result.outcome.order)
            #expect(result.outcome.order.shown == .processing)
        }
    }

    @Test func `an order with a coupon is pending until the coupon is validated`() async throws {
        try await withOrders { orders in
            let result = try await orders.run(OrdersFixture.request(coupon: .code("spring")))
            #expect(result.types == [CouponValidationRequested.type])
            #expect(try result.event(CouponValidationRequested.self)?.order.coupon == .code("spring"))
            #expect(result.outcome.order.shown == .pending)
        }
    }

    @Test func `two lines of one item are one demand`() async throws {
        try await withOrders { orders in
            let result = try await orders.run(
                OrdersFixture.request([(sword, 2), (OrdersFixture.potion, 1), (sword, 3)]))
            #expect(result.outcome.order.lines.map(\.quantity) == [5, 1])
        }
    }

    @Test func `the same key and body make one order, another body is refused`() async throws {
        try await withOrders { orders in
            func key(_ hash: String, user: UserID = OrdersFixture.user) -> IdempotencyRequest {
                IdempotencyRequest(subject: user, operation: "POST /orders", key: "k1", bodyHash: hash)
            }
            let first = try await orders.run(OrdersFixture.request(key: key("aa")))
            let again = try await orders.run(OrdersFixture.request(key: key("aa")))
            #expect(again.outcome.order == first.outcome.order)
            #expect(again.outcome.isReplay)
            #expect(again.types.isEmpty)
            await #expect(throws: OrdersRefusal.idempotencyMismatch) {
                try await orders.run(OrdersFixture.request(key: key("bb")))
            }
            let other = try await orders.run(OrdersFixture.request(key: key("bb", user: UserID(UUID()))))
            #expect(!other.outcome.isReplay)
        }
    }

    @Test func `a replay answers even when the item went off sale meanwhile`() async throws {
        try await withOrders { orders in
            let key = IdempotencyRequest(
                subject: OrdersFixture.user, operation: "POST /orders", key: "k", bodyHash: "aa")
            let first = try await orders.run(OrdersFixture.request(key: key))
            try await orders.deliver(
                ItemChanged(item: OrdersFixture.entry(sword, price: 9, revision: 2, isOnSale: false)))
            #expect(try await orders.run(OrdersFixture.request(key: key)).outcome.order == first.outcome.order)
        }
    }

    @Test func `a refused order leaves its key free`() async throws {
        try await withOrders { orders in
            let key = IdempotencyRequest(
                subject: OrdersFixture.user, operation: "POST /orders", key: "k", bodyHash: "aa")
            await #expect(throws: OrdersRefusal.itemOffSale(OrdersFixture.retired)) {
                try await orders.run(OrdersFixture.request([(OrdersFixture.retired, 1)], key: key))
            }
            let second = try await orders.run(OrdersFixture.request(key: key))
            #expect(!second.outcome.isReplay)
        }
    }

    @Test(arguments: [[], [0], [-1], [1_000_001], [600_000, 600_000], Array(repeating: 1, count: 51)] as [[Int64]])
    func `quantities out of bounds are refused`(quantities: [Int64]) async throws {
        try await withOrders { orders in
            await #expect(throws: OrdersRefusal.invalidLines) {
                try await orders.run(OrdersFixture.request(quantities.map { (sword, $0) }))
            }
            let placed = try await orders.read { try OrderQueries($0).orders(of: OrdersFixture.user, limit: 1) }
            #expect(placed.isEmpty)
        }
    }

    @Test func `an unknown item is refused`() async throws {
        try await withOrders { orders in
            let unknown = ItemID(UUID())
            await #expect(throws: OrdersRefusal.itemNotFound(unknown)) {
                try await orders.run(OrdersFixture.request([(sword, 1), (unknown, 1)]))
            }
        }
    }

    @Test func `an amount that does not fit is refused, not wrapped`() async throws {
        try await withOrders { orders in
            let crown = ItemID(UUID())
            try await orders.deliver(ItemCreated(item: OrdersFixture.entry(crown, price: .max / 2)))
            await #expect(throws: OrdersRefusal.amountTooLarge) {
                try await orders.run(OrdersFixture.request([(crown, 3)]))
            }
            await #expect(throws: OrdersRefusal.amountTooLarge) {
                try await orders.run(OrdersFixture.request([(crown, 2), (sword, 1)]))
            }
        }
    }

    @Test func `an older entry of the catalogue never overwrites a newer one`() async throws {
        try await withOrders { orders in
            try await orders.deliver(ItemChanged(item: OrdersFixture.entry(sword, price: 30, revision: 3)))
            #expect(try await orders.redeliver().disposition == .duplicate)
            let late = try await orders.deliver(ItemChanged(item: OrdersFixture.entry(sword, price: 20, revision: 2)))
            #expect(late.disposition == .duplicate)
            #expect(try await orders.run(OrdersFixture.request([(sword, 1)])).outcome.order.total == Money(30))
            let known = try await orders.read { try OrderQueries($0).hasItems([OrdersFixture.sword: 1]) }
            let unknown = try await orders.read {
                try OrderQueries($0).hasItems([OrdersFixture.sword: 1, ItemID(UUID()): 1])
            }
            #expect(known)
            #expect(!unknown)
        }
    }
}
