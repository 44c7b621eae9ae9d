import HTTPTypes
import Hummingbird
import Journeys
import PurchaseContracts

/// Shows an order's events as they come.
struct JourneyStreamController: Sendable {
    let api: APIDependencies

    private static let lastEventID = ParameterDescription(
        name: "Last-Event-ID", place: .header,
        summary: "The id of the last event that was read: what was read is not sent again.",
        schema: Schema(["type": "string", "pattern": "^[A-Za-z0-9_-]{1,1024}$"]), refusals: [400])

    var routes: [Route] {
        [
            Route(
                .get, "/orders/{id}/events", .orders,
                "An order's events as they come and what they come to, as server-sent events", access: .ownerOfOrder,
                parameters: [Self.lastEventID],
                answers: [.init(status: .ok, schema: .serverSentEvent, contentType: Response.eventStreamType)],
                handler: stream)
        ]
    }

    @Sendable private func stream(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("id", as: OrderID.self)
        guard let order = try await api.order(id) else { throw APIError(.notFound, .orderNotFound) }
        let identity = try context.requireSelf(order.userID, orNotFound: .orderNotFound)
        let seen = try request.seenSteps()
        guard let token = context.token else { throw APIError.tokenMissing }
        guard let seat = api.journeyStreams.take(for: identity.userID) else {
            throw APIError.unavailable(.overloaded, retryAfter: 10)
        }
        let stream = JourneyStream(
            api: api, order: id, language: Language(request.headers),
            isForOperators: identity.roles.contains(.admin)
        ) { [authenticator = api.authenticator] in
            // A change of his roles ends a token, too.
            context.isConnected && authenticator.believes(token)
        }
        return .eventStream(holding: seat) { try await stream.write(beyond: seen, $0) }
    }
}

extension Request {
    /// What the `Last-Event-ID` header says was read; nothing if there is none.
    ///
    /// - Throws: ``APIError`` 400 if it is not the id of an event.
    fileprivate func seenSteps() throws(APIError) -> SeenSteps {
        guard let name = HTTPField.Name("Last-Event-ID") else { return SeenSteps() }
        let values = headers[values: name]
        guard let text = values.first else { return SeenSteps() }
        guard values.count == 1, !text.isEmpty, let seen = SeenSteps(text) else {
            throw APIError(.badRequest, .malformedCursor)
        }
        return seen
    }
}
