import Orders
import Payments
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// What tells whether an order went on: everything that its services keep of it.
public struct JourneyMark: Sendable, Hashable {
    let order: OrderStanding
    let rows: [ServiceID: SagaStates.Row]
    let payment: PaymentAsking?
    let troubles: [SagaTrouble]

    /// Whether the order is over for Orders and for every service that ever heard of it.
    public var isOver: Bool { order.view.settledAt != nil }
}

extension JourneyReader {
    /// Whether an order went on can be asked often: its rows are found by its id. `nil` if there is none.
    ///
    /// - Throws: ``SQLError``.
    public func mark(of id: OrderID) async throws -> JourneyMark? {
        let look = try await looks(at: [id]).first
        return look.map { look in
            JourneyMark(
                order: look.evidence.order, rows: look.evidence.rows, payment: look.evidence.payment,
                troubles: look.troubles)
        }
    }
}
