import FoundationEssentials
import Orders
import PurchaseContracts

extension APIDependencies {
    /// How often a read model that tells nobody of its progress is looked at.
    private static let lookInterval = Duration.milliseconds(10)

    /// Waits until the order is as wanted, but not beyond `limit`.
    ///
    /// - Returns: the order as it is then, wanted or not; `nil` if there is none.
    func order(
        _ id: OrderID, within limit: Duration, is isWanted: @escaping @Sendable (OrderView) -> Bool
    ) async throws -> OrderView? {
        // Subscribed before the first look: what commits between look and wait is not missed.
        let changes = watch.changes(of: id.uuid)
        guard let order = try await order(id), !isWanted(order), limit > .zero else { return try await self.order(id) }
        let wanted = try await withThrowingTaskGroup(of: OrderView?.self) { group in
            group.addTask {
                for await _ in changes {
                    guard let order = try await self.order(id) else { return nil }
                    if isWanted(order) { return order }
                }
                return nil
            }
            group.addTask {
                try await self.pause(limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        if let wanted { return wanted }
        return try await self.order(id)
    }

    /// The order as it is now.
    func order(_ id: OrderID) async throws -> OrderView? {
        try await database.read { try OrderQueries($0).order(id) }
    }

    /// Waits until Orders knows the items, so that an order may follow.
    ///
    /// - Throws: ``APIError`` 503 if it takes longer than `limit`: the items are stored, their order has to wait.
    func waitForCatalogue(_ items: [ItemID], within limit: Duration = .seconds(2)) async throws {
        for _ in 0..<Int(limit / Self.lookInterval) {
            if try await database.read({ try OrderQueries($0).hasItems(items) }) { return }
            try await pause(Self.lookInterval)
        }
        throw APIError.unavailable(.catalogueBehind, retryAfter: 1)
    }
}
