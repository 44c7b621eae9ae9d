import FoundationEssentials
import PurchaseContracts
import SagaTesting
import Testing

@testable import Items

/// However many reservations there are, a page reads no more of them than it passes.
@Suite struct `The list of reservations` {
    private func plan(_ status: ReservationStatus?, of item: ItemID?) async throws -> [String] {
        let plans = ExplainedTransaction.Plans()
        try await withItems { items in
            try await items.read { transaction in
                _ = try ItemQueries(ExplainedTransaction(transaction, plans))
                    .reservations(status: status, item: item, after: nil, limit: 500)
            }
        }
        return plans.all
    }

    @Test(arguments: [nil, .confirmed, .cancelled, .expired] as [ReservationStatus?])
    func `goes along the reservations' ids, with nothing to sort`(status: ReservationStatus?) async throws {
        let plan = try await plan(status, of: nil)
        #expect(plan.contains { $0.contains("SEARCH r USING PRIMARY KEY (id<?)") }, "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE FOR ORDER BY") }, "\(plan)")
    }

    @Test(arguments: [nil, .confirmed, .cancelled, .expired] as [ReservationStatus?])
    func `goes along those of an item, if they are asked for`(status: ReservationStatus?) async throws {
        let plan = try await plan(status, of: ItemID(UUID()))
        #expect(
            plan.contains { $0.contains("SEARCH r USING INDEX items_reservations_by_item (item_id=? AND id<?)") },
            "\(plan)")
        #expect(!plan.contains { $0.contains("TEMP B-TREE FOR ORDER BY") }, "\(plan)")
    }

    @Test(arguments: [nil, ItemID(UUID())])
    func `finds what is reserved by the orders under way, of an item, too`(item: ItemID?) async throws {
        let plan = try await plan(.reserved, of: item)
        #expect(plan.contains { $0.contains("s USING INDEX items_saga_") }, "\(plan)")
    }
}
