import FoundationEssentials
import Items
import Orders
import PurchaseContracts

extension APIDependencies {
    /// Waits until the order is as wanted, but not beyond `limit`.
    ///
    /// - Returns: the order as it is then, wanted or not; `nil` if there is none.
    func order(
        _ id: OrderID, within limit: Duration, is isWanted: (OrderView) -> Bool
    ) async throws -> OrderView? {
        // Subscribed before the first look: what commits between look and wait is not missed.
        let changes = watch.changes(of: id.uuid)
        defer { changes.end() }
        guard let order = try await order(id), !isWanted(order), limit > .zero else { return try await self.order(id) }
        return try await self.order(id, after: changes, within: limit, is: isWanted)
    }

    /// As ``order(_:within:is:)``, for an order that is known not to be as wanted when `changes` began to be watched.
    func order(
        _ id: OrderID, after changes: OrderChanges, within limit: Duration, is isWanted: (OrderView) -> Bool
    ) async throws -> OrderView? {
        watch.end(changes, after: limit)
        while case .changed(let told) = await changes.next() {
            let read = if let told { Optional(told) } else { try await orderReads.run(id) }
            guard let order = read else { break }
            if isWanted(order) { return order }
        }
        try Task.checkCancellation()
        return try await orderReads.run(id)
    }

    /// The order as it is now.
    func order(_ id: OrderID) async throws -> OrderView? {
        try await databases[OrdersParticipant.service].read { try OrderQueries($0).order(id) }
    }

    /// Waits until Orders knows the items as they are, so that an order may follow.
    ///
    /// - Throws: ``APIError`` 503 if it takes longer than `limit`: the items are stored, their order has to wait.
    func waitForCatalogue(_ items: [Item], within limit: Duration = .seconds(2)) async throws {
        // Subscribed before the first look, as above.
        let changes = watch.handled(by: OrdersParticipant.service)
        let revisions = Dictionary(items.map { ($0.id, $0.revision) }) { max($0, $1) }
        let knows: @Sendable () async throws -> Bool = {
            try await databases[OrdersParticipant.service].read { try OrderQueries($0).hasItems(revisions) }
        }
        if try await knows() { return }
        let isKnown = try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                for await _ in changes where try await knows() { return true }
                return false
            }
            group.addTask {
                try await self.pause(limit)
                return false
            }
            defer { group.cancelAll() }
            return try await group.next() ?? false
        }
        // A last look: time may have passed faster than the word of it.
        let isThere = if isKnown { true } else { try await knows() }
        guard isThere else { throw APIError.unavailable(.catalogueBehind, retryAfter: 1) }
    }
}
