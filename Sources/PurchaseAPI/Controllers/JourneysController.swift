import FoundationEssentials
import Hummingbird
import Journeys
import PurchaseContracts

/// How orders fare: what happened, what is to come, from whom and by when.
struct JourneysController: Sendable {
    let api: APIDependencies

    private static let list = "admin/sagas"
    private static let status = QueryField<SagaStatus>.choice(
        "status", "Only sagas that are stuck, not over, or ended undone; the newest of all if not given.")

    var routes: [Route] {
        [
            Route(
                .get, "/orders/{id}/journey", .orders, "What happened to an order, what it waits for, and what to do",
                access: .ownerOfOrder, answers: [.ok(JourneyBody.schema)], handler: journey),
            Route(
                .get, "/admin/sagas", .administration, "Sagas with their age and what each waits for",
                access: .role(.admin), parameters: ParameterDescription.page + [Self.status.description],
                answers: [.ok(SagaPageBody.schema)], handler: sagas),
            Route(
                .get, "/admin/services", .administration, "How each service fares", access: .role(.admin),
                answers: [.ok(ServicesBody.schema)], handler: services),
            Route(
                .get, "/graph.json", .system, "Who emits what, and who reacts to it", access: .guest,
                answers: [.ok(GraphBody.schema)], handler: graph),
        ]
    }

    @Sendable private func journey(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("id", as: OrderID.self)
        // Before anything is gathered for whoever may not see it.
        guard let order = try await api.order(id) else { throw APIError(.notFound, .orderNotFound) }
        let identity = try context.requireSelf(order.userID, orNotFound: .orderNotFound)
        guard let journey = try await api.journeys.journey(of: id) else { throw APIError(.notFound, .orderNotFound) }
        return try .json(
            JourneyBody(
                journey, in: Language(request.headers), isForOperators: identity.roles.contains(.admin)))
    }

    @Sendable private func sagas(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try PageRequest(request, of: Self.list, cursors: api.cursors)
        let page = try await api.journeys.sagas(
            try Self.status.value(in: request), after: asked.after.map { OrderID($0) }, limit: asked.limit)
        let language = Language(request.headers)
        return try .json(
            SagaPageBody(
                sagas: page.sagas.map { SagaBody($0, in: language) },
                next: page.next.map { api.cursors.write($0.uuid, of: Self.list) }))
    }

    @Sendable private func services(_ request: Request, _ context: APIContext) async throws -> Response {
        let standings = try await api.journeys.standings()
        let now = api.clock.now()
        return try .json(
            ServicesBody(at: now.description, services: standings.all.map { ServiceBody($0, at: now) }))
    }

    @Sendable private func graph(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(GraphBody(api.journeys.choreography))
    }
}
