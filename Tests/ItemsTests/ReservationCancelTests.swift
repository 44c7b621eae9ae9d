import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Items

@Suite struct ReservationCancelTests {
    @Test func `a reserved line asks the saga to cancel, once, and stays reserved until the saga does`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let order = OrderFacts.of((sword, 2))
            try await items.deliver(InventoryReserved(order: order))
            let reservation = try #require(try await items.reservations(of: order).first)
            let command = RequestReservationCancel(reservation: reservation.id, actor: boss, reason: "broken")
            let result = try await items.run(command)
            let request = try #require(try result.event(ItemReservationCancelRequested.self))
            #expect(request.order == order)
            #expect(request.cause == .admin)
            #expect(request.refusal.code == .reservationCancelled)
            #expect(request.reason == "broken")
            #expect(result.outcome.status == .reserved)
            #expect(result.outcome.cancelRequestedAt == items.clock.now())
            #expect(try await items.counters(of: sword) == Counters(3, 2, 0))
            #expect(try await items.run(command).types.isEmpty)
            #expect(try await items.audits("items.reservation-cancel-requested").count == 1)

            try await items.deliver(Undo.orderFailed.event(order, cause: .admin))
            #expect(try await items.reservations(of: order).first?.status == .cancelled)
        }
    }

    @Test(arguments: [ReservationStatus.confirmed, .cancelled, .expired])
    func `any other state is a conflict`(status: ReservationStatus) async throws {
        try await withItems { items in
            let order = OrderFacts.of((try await items.add(stock: 5), 2))
            try await items.deliver(InventoryReserved(order: order))
            switch status {
            case .confirmed: try await items.deliver(PaymentProcessed(order: order))
            case .expired: try await items.deliver(Undo.orderFailed.event(order, cause: .deadline))
            default: try await items.deliver(Undo.orderCancelled.event(order, cause: .user))
            }
            let reservation = try #require(try await items.reservations(of: order).first)
            await #expect(throws: ItemsRefusal.reservationConflict(status)) {
                try await items.run(RequestReservationCancel(reservation: reservation.id, actor: boss, reason: "x"))
            }
        }
    }

    @Test func `an unknown reservation is not found`() async throws {
        try await withItems { items in
            let unknown = ReservationID(UUID())
            await #expect(throws: ItemsRefusal.reservationNotFound(unknown)) {
                try await items.run(RequestReservationCancel(reservation: unknown, actor: boss, reason: "x"))
            }
        }
    }

    @Test func `only active reservations of an item are listed`() async throws {
        try await withItems { items in
            let sword = try await items.add(stock: 5)
            let (held, gone) = (OrderFacts.of((sword, 1)), OrderFacts.of((sword, 1)))
            try await items.deliverBatch([InventoryReserved(order: held), InventoryReserved(order: gone)])
            try await items.deliver(Undo.orderFailed.event(gone))
            let listed = try await items.read { try ItemQueries($0).reservations(ofItem: sword) }
            #expect(listed.map(\.orderID) == [held.id])
        }
    }
}
