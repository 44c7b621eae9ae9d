import Orders
import PurchaseApp
import PurchaseContracts
import SagaChoreography
import SagaSQL
import Testing

/// One row of the table of who reacts to what: a consumer of an event, and what it may emit.
struct Row: Sendable, Hashable, CustomStringConvertible, CustomTestStringConvertible {
    let group: ServiceID
    let type: EventType
    let emits: [EventType]
    let undoes: [ReactionID]

    var description: String {
        let emitted = emits.isEmpty ? "nothing" : emits.map(\.name).joined(separator: ", ")
        let undone = undoes.isEmpty ? "" : "; undoes \(undoes.map(\.name).joined(separator: ", "))"
        return "\(group): \(type) → \(emitted)\(undone)"
    }
    var testDescription: String { "\(group): \(type)" }

    /// Derived from the participants, so that a new reaction joins by itself.
    static let all: [Row] = ChoreographyGraph(PurchaseSystem.participants()).nodes.compactMap { node in
        node.consumes.map { Row(group: node.service, type: $0, emits: node.emits.sorted(), undoes: node.undoes) }
    }

    /// Without it no order passes the pivot.
    var isForwardStep: Bool { StuckStep.all.contains { $0.group == group && $0.type == type } }
    var isCatalogue: Bool { [ItemCreated.type, ItemChanged.type].contains(type) }

    /// The parts in which the event happens; of those in which it comes at the same place, one. All, if it is a new one.
    var parts: [Part] {
        switch type {
        case CouponValidationFailed.type: [.withoutCoupon, .bought]
        case UserValidationFailed.type: [.tooPoor, .bought]
        case InventoryReservationFailed.type: [.noSlot, .bought]
        case ItemReservationFailed.type: [.soldOut, .bought]
        case PaymentFailed.type: [.declined, .cancelled, .overdue]
        case OrderFailed.type: [.withoutCoupon, .soldOut, .declined]
        case PaymentRollback.type, InventoryRollback.type, ItemRestored.type, CouponReleased.type:
            [.declined, .cancelled]
        case OrderCancelled.type: [.cancelled]
        case OrderCancelRequested.type: [.cancelled, .recalled, .overdue]
        case ItemReservationCancelRequested.type: [.recalled, .bought]
        case OrderResync.type: [.overdue, .bought]
        case OrderSettled.type: [.bought, .declined, .refunded]
        case OrderRefundRequested.type, InventoryReturnHeld.type: [.refunded, .kept]
        case InventoryReturnRefused.type: [.goodsGone]
        case PaymentRefundRefused.type, InventoryReturnCancelled.type: [.kept]
        case PaymentRefunded.type, InventoryReturned.type, ItemRestocked.type, WalletCredited.type, OrderRefunded.type:
            [.refunded]
        case CouponValidationRequested.type, CouponValidated.type, OrderCreated.type, PaymentReserved.type,
            InventoryReserved.type, ItemReserved.type:
            [.bought, .cancelled, .recalled]
        case PaymentProcessed.type, PaymentConfirmed.type, InventoryConfirmed.type, ItemDeducted.type,
            OrderCompleted.type, CouponUsed.type, ItemCreated.type, ItemChanged.type, CouponExpiringWarning.type:
            [.bought]
        default: Part.allCases
        }
    }
}

/// How a row's event reaches its consumer.
enum Delay: String, Sendable, CaseIterable, CustomTestStringConvertible {
    case twice, lastOfAll, afterTheDeadline

    var testDescription: String { rawValue }
}

@Suite struct `Every row of the choreography` {
    @Test(.onItsOwnNetwork, arguments: Row.all, [Delay.twice, .lastOfAll])
    func `gives the same amounts when its event comes twice, or last of all`(row: Row, delay: Delay) async throws {
        let world = try await World()
        world.network.interfere(with: row.type, to: row.group, delay == .twice ? .twice : .lastOfAll)
        var repertoire = try await Repertoire(row.parts, in: world)
        try await world.waitForCatalog(repertoire.acts.values.map(\.item))
        try await repertoire.play()
        try await world.finish()

        #expect(world.network.matches > 0, "nobody plays a part in which \(row) happens")
        for part in row.parts { #expect(try await repertoire.ending(of: part) == part.ending, "\(part)") }
        try await repertoire.expectAmountsFollowEndings()
    }

    @Test(.onItsOwnNetwork, arguments: Row.all)
    func `leads to one sound ending when its event comes after the deadline`(row: Row) async throws {
        let world = try await World()
        if row.isCatalogue {
            world.network.interfere(with: row.type, to: row.group, .until(world.clock.now() + World.timeout))
        }
        var repertoire = try await Repertoire(row.parts, in: world)
        try await world.run(for: row.isCatalogue ? World.timeout + .seconds(10) : .seconds(10))
        if !row.isCatalogue {
            world.network.interfere(
                with: row.type, to: row.group, .until(world.clock.now() + World.timeout + .seconds(60)))
        }
        try await repertoire.play()
        try await world.finish()

        #expect(world.network.matches > 0, "nobody plays a part in which \(row) happens")
        for part in row.parts {
            let ending = try await repertoire.ending(of: part)
            #expect(row.endingsAfterTheDeadline(of: part).contains(ending), "\(part): \(ending)")
        }
        try await repertoire.expectAmountsFollowEndings()
    }
}

extension Row {
    /// A late forward step finds its order undone; a late refusal is overtaken by the deadline; a late request to cancel finds
    /// its order paid. All else changes no ending.
    func endingsAfterTheDeadline(of part: Part) -> [Ending] {
        let overdue = Ending(.failed, .orderDeadline)
        let isRefusal =
            group == "orders"
            && [
                CouponValidationFailed.type, UserValidationFailed.type, InventoryReservationFailed.type,
                ItemReservationFailed.type, PaymentFailed.type,
            ].contains(type)
        let isRequest = [OrderCancelRequested.type, ItemReservationCancelRequested.type].contains(type)
        switch part {
        case .refunded, .kept, .goodsGone: return [part.ending]
        case .bought: return isForwardStep ? [overdue] : [part.ending]
        case .cancelled, .overdue: return isRequest ? [part.ending, Ending(.completed)] : [part.ending]
        case .recalled:
            return isRequest ? [Ending(.completed)] : isForwardStep ? [part.ending, overdue] : [part.ending]
        case .withoutCoupon, .tooPoor, .noSlot, .soldOut, .declined:
            return isForwardStep || isRefusal ? [part.ending, overdue] : [part.ending]
        }
    }
}
