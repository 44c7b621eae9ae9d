import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import Synchronization

/// What clients could see of the watched orders after every piece of work.
final class OrderHistory: Sendable {
    /// What one look showed.
    struct Sight: Sendable, Hashable {
        let state: OrderState
        let shown: OrderState
        let outcome: OrderView.Outcome?
        let undone: OrderView.Undone?
    }

    private let database: any SQLDatabase
    private let sights = Mutex<[OrderID: [Sight]]>([:])

    init(_ database: any SQLDatabase) { self.database = database }

    func watch(_ order: OrderID) { sights.withLock { $0[order] = [] } }

    /// Different sights in the order in which they were seen.
    func sights(of order: OrderID) -> [Sight] { sights.withLock { $0[order] ?? [] } }

    func look() async throws {
        let orders = sights.withLock { Array($0.keys) }
        guard !orders.isEmpty else { return }
        let views = try await database.read { transaction in
            try orders.compactMap { try OrderQueries(transaction).order($0) }
        }
        sights.withLock { sights in
            for view in views {
                let sight = Sight(state: view.state, shown: view.shown, outcome: view.outcome, undone: view.undone)
                if sights[view.id]?.last != sight { sights[view.id]?.append(sight) }
            }
        }
    }

    /// Where an order changed in a way that it never may: an end that is left again, an undo that goes backwards, FAILED or
    /// CANCELLED shown before everything is undone.
    func contradictions() -> [String] {
        sights.withLock { sights in
            sights.flatMap { order, sights in
                zip(sights, sights.dropFirst()).filter { !Self.mayFollow($0, $1) }.map {
                    "order \(order): \($0) → \($1)"
                }
                    + sights.filter { !Self.isSound($0) }.map { "order \(order): \($0)" }
            }
        }
    }

    private static func mayFollow(_ earlier: Sight, _ later: Sight) -> Bool {
        if let before = earlier.undone, let after = later.undone {
            guard before.of == after.of, before.done <= after.done else { return false }
        }
        return switch (earlier.state, later.state) {
        case (.pending, _), (.processing, .confirmed), (.processing, .completed), (.confirmed, .completed): true
        case (.processing, .failed), (.processing, .cancelled), (.completed, .refunded): true
        case (let before, let after): before == after
        }
    }

    private static func isSound(_ sight: Sight) -> Bool {
        switch sight.state {
        case .pending, .processing, .confirmed, .completed, .refunded:
            sight.shown == sight.state && sight.outcome == nil && sight.undone == nil
        case .failed, .cancelled:
            if let undone = sight.undone {
                sight.shown == .processing && undone.done < undone.of
                    && sight.outcome == (sight.state == .failed ? .failed : .cancelled)
            } else {
                sight.shown == sight.state && sight.outcome == nil
            }
        }
    }
}
