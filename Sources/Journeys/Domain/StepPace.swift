import Orders
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// How long steps take.
struct StepPace: Sendable {
    /// What a step may take before it counts as late, if it usually takes no longer (docs/saga.md).
    static let expected = Duration.seconds(10)
    /// What it may take at most, however long the last ones took: after an outage slow is usual, and still late.
    static let longest = Duration.seconds(60)
    /// How many orders of late are looked at, and of how many newest ones; the reading stays as quick however many there are.
    static let sample = 200
    static let window = 2_000
    /// Fewer say nothing about what is usual.
    static let fewest = 20

    /// By the event that ends the step: what nineteen of twenty took.
    let usual: [EventType: Duration]

    init(usual: [EventType: Duration] = [:]) { self.usual = usual }

    /// Measures the orders that ended last.
    ///
    /// - Throws: ``SQLError``.
    init(of states: SagaStates, in databases: ServiceDatabases) async throws {
        let ended = try await databases[OrdersParticipant.service].read {
            try OrderQueries($0).lastEnded(limit: Self.sample, window: Self.window)
        }
        let ids = ended.map(\.id)
        let rows = try await states.rows(of: ids.map(\.uuid), in: databases)
        let payments = try await databases[PaymentsParticipant.service].read { try PaymentQueries($0).asking(of: ids) }
        var samples: [EventType: [Duration]] = [:]
        for order in ended {
            for (event, time) in Self.steps(of: order, rows[order.id.uuid] ?? [:], payments[order.id]) {
                samples[event, default: []].append(max(.zero, time))
            }
        }
        usual = samples.compactMapValues(Self.usual)
    }

    /// The 95th percentile; `nil` of too few.
    static func usual(of times: [Duration]) -> Duration? {
        guard times.count >= fewest else { return nil }
        let sorted = times.sorted()
        return sorted[(sorted.count * 95 + 99) / 100 - 1]
    }

    /// How long each step took that the rows of a settled order still tell of.
    private static func steps(
        of order: EndedOrder, _ rows: [ServiceID: SagaStates.Row], _ payment: PaymentAsking?
    ) -> [(EventType, Duration)] {
        guard order.state == .completed else {
            let undone = order.settledAt - order.endedAt
            return [PaymentRollback.type, InventoryRollback.type, ItemRestored.type, OrderSettled.type].map {
                ($0, undone)
            } + (order.hasCoupon ? [(CouponReleased.type, undone)] : [])
        }
        var steps: [(EventType, Duration)] = []
        var last = order.orderedAt
        // Each service's row begins with its part: in the order in which an order passes them.
        for rule in StepRule.all {
            guard let row = rows[rule.service] else { continue }
            steps.append((rule.takes, row.openedAt - last))
            last = row.openedAt
        }
        if let decided = payment?.decidedAt {
            steps.append((PaymentProcessed.type, decided - last))
            steps += [
                PaymentConfirmed.type, InventoryConfirmed.type, ItemDeducted.type, OrderCompleted.type,
            ].map { ($0, order.endedAt - decided) }
        }
        if order.hasCoupon { steps.append((CouponUsed.type, order.settledAt - order.endedAt)) }
        return steps
    }
}
