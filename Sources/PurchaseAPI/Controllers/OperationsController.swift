import FoundationEssentials
import HTTPTypes
import Hummingbird
import Orders
import PurchaseContracts
import SagaSQL

/// Follows what administrators asked for to its observed outcome, and lets orders be sent again.
struct OperationsController: Sendable {
    let api: APIDependencies

    private static let dryRun = QueryField.bool(
        "dryRun", "Whether it is only said what would be sent again; false if not given.")

    var routes: [Route] {
        [
            Route(
                .get, "/admin/operations/{id}", .administration,
                "What became of a replay, a discard, an edit or a resync: requested, or its observed outcome",
                access: .role(.admin), answers: [.ok(OperationBody.schema)], handler: operation),
            Route(
                .post, "/admin/orders/{id}/resync", .administration,
                "Send again what there is of an order; safe, as often as one likes", access: .role(.admin),
                parameters: [Self.dryRun.description], body: InterventionReason.schema,
                answers: [.ok(ResyncPlanBody.schema), .accepted(OperationBody.schema)], handler: resync),
        ]
    }

    @Sendable private func operation(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("id", as: OperationID.self)
        guard let operation = try await api.deadLetters.operation(id.uuid) else {
            throw APIError(.notFound, .operationNotFound)
        }
        let found = try await api.databases[OrdersParticipant.service].read {
            try OrderQueries($0).observed(operation)
        }
        return try .json(OperationBody(found, at: api.clock.now()))
    }

    @Sendable private func resync(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.requireIdentity().userID
        let id = try context.pathID("id", as: OrderID.self)
        let reason = try InterventionReason.read(try await request.json(in: context).value)
        if try Self.dryRun.value(in: request) ?? false {
            guard let order = try await api.order(id) else { throw APIError(.notFound, .orderNotFound) }
            let events =
                order.settledAt == nil
                ? try await api.databases.everywhere { try OutboxReader.held(of: id.uuid, in: $0) }.flatMap(\.self) : []
            return try .json(ResyncPlanBody(events.filter { $0.type != OrderResync.type }))
        }
        let request = InterventionRequest(by: admin.uuid, reason: reason)
        guard let operation = try await api.orders.run(ResyncOrder(id, request)),
            let found = try await api.databases[OrdersParticipant.service].read({
                try Interventions.operation(operation, in: $0)
            })
        else { throw APIError(.notFound, .orderNotFound) }
        let body = OperationBody(found, at: api.clock.now())
        return try .json(body, status: .accepted, headers: [.location: "/admin/operations/\(body.id)"])
    }
}
