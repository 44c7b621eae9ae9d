import Orders
import PurchaseContracts
import SagaChoreography

/// What a step of an order's row moves from one place to another.
struct JourneyDeltas {
    let order: OrderView

    private typealias Move = (from: JourneyDelta.Place?, to: JourneyDelta.Place?)

    func deltas(of service: ServiceID, from before: String?, to after: String?) -> [JourneyDelta] {
        guard let rule = StepRule.byService[service] else { return [] }
        let places = Self.places(of: service)
        let move: Move? =
            switch (before, after) {
            case (nil, StepRule.held): (places.free, places.held)
            case (StepRule.held, rule.kept): (places.held, places.kept)
            case (StepRule.held, rule.returned): (places.held, places.free)
            // A refund takes back what was kept: at once, or by way of what is set aside.
            case (rule.kept, "RETURNING"): (places.kept, places.held)
            case ("RETURNING", rule.kept): (places.held, places.kept)
            case ("RETURNING", "RETURNED"): (places.held, places.free)
            case (rule.kept, "RESTOCKED"), (rule.kept, "REFUNDED"): (places.kept, places.free)
            default: nil
            }
        guard let move else { return [] }
        return amounts(of: service).flatMap { item, amount in
            [
                move.from.map { JourneyDelta(place: $0, item: item, amount: -amount) },
                move.to.map { JourneyDelta(place: $0, item: item, amount: amount) },
            ].compactMap { $0 }.filter { $0.amount != 0 }
        }
    }

    private static func places(
        of service: ServiceID
    ) -> (free: JourneyDelta.Place?, held: JourneyDelta.Place, kept: JourneyDelta.Place) {
        switch service {
        case "coupons": (.couponAvailable, .couponHeld, .couponUsed)
        case "users": (.walletAvailable, .walletHeld, .walletCaptured)
        case "items": (.stockAvailable, .stockReserved, .stockSold)
        // Goods come from the stock; what is free of them is not the user's.
        default: (nil, .goodsReserved, .goodsOwned)
        }
    }

    private func amounts(of service: ServiceID) -> [(item: ItemID?, amount: Int64)] {
        switch service {
        case "users": [(nil, order.final.minorUnits)]
        case "coupons": [(nil, 1)]
        default:
            Dictionary(order.lines.map { ($0.itemID, $0.quantity) }, uniquingKeysWith: +)
                .sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        }
    }
}
