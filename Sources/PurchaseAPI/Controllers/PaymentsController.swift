import Hummingbird
import Orders
import Payments
import PurchaseContracts

/// What became of an order's money.
struct PaymentsController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .get, "/payments/{orderId}", .payments, "What became of an order's money", access: .ownerOfOrder,
                answers: [.ok(PaymentBody.schema)], handler: payment)
        ]
    }

    @Sendable private func payment(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("orderId", as: OrderID.self)
        let (order, payment) = try await api.databases.read(
            OrdersParticipant.service, { try OrderQueries($0).order(id) },
            and: PaymentsParticipant.service, { try PaymentQueries($0).payment(of: id) })
        guard let order else { throw APIError(.notFound, .paymentNotFound) }
        // Another user must not learn whether there is a payment: the same answer in both cases.
        try context.requireSelf(order.userID, orNotFound: .paymentNotFound)
        guard let payment else { throw APIError(.notFound, .paymentNotFound) }
        return try .json(PaymentBody(payment, in: Language(request.headers)))
    }
}
