import Hummingbird
import Orders
import Payments
import PurchaseContracts

/// What became of an order's money.
struct PaymentsController: Sendable {
    let api: APIDependencies

    var routes: [Route] { [.get("/payments/{orderId}", payment)] }

    @Sendable private func payment(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try context.requireIdentity()
        let id = try context.pathID("orderId", as: OrderID.self)
        let (order, payment) = try await api.database.read { transaction in
            (try OrderQueries(transaction).order(id), try PaymentQueries(transaction).payment(of: id))
        }
        guard let order else { throw APIError(.notFound, .paymentNotFound) }
        // Another user must not learn whether there is a payment: the same answer in both cases.
        try context.requireSelf(order.userID, orNotFound: .paymentNotFound)
        guard let payment else { throw APIError(.notFound, .paymentNotFound) }
        return try .json(PaymentBody(payment, in: Language(request.headers)))
    }
}
