import HTTPTypes
import Hummingbird
import Items
import PurchaseContracts

/// What orders hold of the stock. A reservation changes only by the saga; a manager may ask it to.
struct ReservationsController: Sendable {
    let api: APIDependencies

    private static let list = "items/reservations"
    private static let status = QueryField<ReservationStatus>.choice("status", "Only those of this status.")
    private static let item = QueryField<ItemID>.id("itemId", "Only those of this item.")

    var routes: [Route] {
        [
            Route(
                .get, "/items/reservations", .reservations, "Reservations, newest first",
                access: .role(.inventoryManager),
                parameters: ParameterDescription.page + [Self.status.description, Self.item.description],
                answers: [.ok(ReservationPageBody.schema)], handler: reservations),
            Route(
                .get, "/items/reservations/stats", .reservations, "How many reservations there are, by status",
                access: .role(.inventoryManager), answers: [.ok(ReservationStatisticsBody.schema)],
                handler: statistics),
            Route(
                .get, "/items/reservations/order/{orderId}", .reservations, "An order's reservations",
                access: .role(.inventoryManager), answers: [.ok(.array(of: ReservationBody.schema))],
                handler: ofOrder),
            Route(
                .get, "/items/{id}/reservations", .reservations, "An item's active reservations, newest first",
                access: .role(.inventoryManager), answers: [.ok(.array(of: ReservationBody.schema))],
                handler: ofItem),
            Route(
                .post, "/items/reservations/{id}/status", .reservations,
                "Ask the saga to cancel a reservation's order; its end shows on the reservation",
                access: .role(.inventoryManager), body: ReservationChange.schema,
                answers: [.accepted(MessageBody.schema)], problems: [409], handler: change),
        ]
    }

    @Sendable private func reservations(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try PageRequest(request, of: Self.list, cursors: api.cursors)
        let status = try Self.status.value(in: request)
        let item = try Self.item.value(in: request)
        let found = try await api.databases[ItemsParticipant.service].read { transaction in
            try ItemQueries(transaction).reservations(
                status: status, item: item, after: asked.after.map { ReservationID($0) }, limit: asked.limit + 1)
        }
        let page = Page(found, asked, of: Self.list, cursors: api.cursors) { $0.id.uuid }
        return try .json(
            ReservationPageBody(reservations: page.elements.map(ReservationBody.init), next: page.next))
    }

    @Sendable private func statistics(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(
            ReservationStatisticsBody(
                try await api.databases[ItemsParticipant.service].read { try ItemQueries($0).reservationStatistics() }))
    }

    @Sendable private func ofOrder(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("orderId", as: OrderID.self)
        guard try await api.order(id) != nil else { throw APIError(.notFound, .orderNotFound) }
        let found = try await api.databases[ItemsParticipant.service].read {
            try ItemQueries($0).reservations(ofOrder: id)
        }
        return try .json(found.map(ReservationBody.init))
    }

    @Sendable private func ofItem(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("id", as: ItemID.self)
        let found = try await api.databases[ItemsParticipant.service].read { transaction -> [Reservation]? in
            let items = ItemQueries(transaction)
            return try items.item(id) == nil ? nil : try items.reservations(ofItem: id)
        }
        guard let found else { throw APIError(.notFound, ProblemCode(.itemNotFound)) }
        return try .json(found.map(ReservationBody.init))
    }

    @Sendable private func change(_ request: Request, _ context: APIContext) async throws -> Response {
        let manager = try context.requireIdentity().userID
        let id = try context.pathID("id", as: ReservationID.self)
        let asked = try ReservationChange.read(try await request.json(in: context).value)
        guard asked.status == .cancelled else {
            // Everything else is the saga's to decide; but what is not there is not there.
            let isThere =
                try await api.databases[ItemsParticipant.service].read { try ItemQueries($0).reservation(id) } != nil
            throw isThere
                ? APIError(.conflict, .reservationConflict) : APIError(.notFound, .reservationNotFound)
        }
        _ = try await api.items.run(
            RequestReservationCancel(reservation: id, actor: manager, reason: asked.reason))
        let wording = Catalogue.wording(of: "done.cancel-asked", in: Language(request.headers))
        return try .json(MessageBody(message: wording.detail([:])), status: .accepted)
    }
}
