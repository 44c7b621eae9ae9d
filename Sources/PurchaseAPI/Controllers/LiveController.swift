import HTTPTypes
import Hummingbird
import Journeys

/// Shows what the whole system does, as it happens.
struct LiveController: Sendable {
    let api: APIDependencies

    private static let lastEventID = ParameterDescription(
        name: "Last-Event-ID", place: .header,
        summary: "The id of the last window that was read; only what comes next if not given.",
        schema: Schema(["type": "string", "pattern": "^[0-9]{1,15}-[0-9]{1,9}$"]), refusals: [400])

    var routes: [Route] {
        [
            Route(
                .get, "/admin/stream", .administration,
                "What happens in the whole system as it comes, as server-sent events", access: .role(.admin),
                parameters: [Self.lastEventID],
                answers: [.init(status: .ok, schema: .serverSentEvent, contentType: Response.eventStreamType)],
                handler: stream),
            Route(
                .get, "/admin/stream/rates", .administration,
                "How many events went from whom to whom in the last ten seconds", access: .role(.admin),
                answers: [.ok(LiveRatesBody.schema)], handler: rates),
        ]
    }

    @Sendable private func stream(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try request.lastPlace()
        guard let token = context.token else { throw APIError.tokenMissing }
        guard let seat = api.liveStreams.take(for: try context.requireIdentity().userID) else {
            throw APIError.unavailable(.overloaded, retryAfter: 10)
        }
        let stream = LiveStream(
            view: api.live, clock: api.clock, serving: api.serving, pause: api.pause
        ) { [authenticator = api.authenticator] in
            // A change of his roles ends a token, too.
            context.isConnected && authenticator.believes(token)
        }
        return .eventStream(holding: seat) { try await stream.write(behind: asked, $0) }
    }

    @Sendable private func rates(_ request: Request, _ context: APIContext) async throws -> Response {
        try await api.live.look()
        return try .json(LiveRatesBody(api.live.rates()))
    }
}

extension Request {
    /// The `Last-Event-ID` header; `nil` if there is none.
    ///
    /// - Throws: ``APIError`` 400 if it is not the id of a window.
    fileprivate func lastPlace() throws(APIError) -> LivePlace? {
        guard let name = HTTPField.Name("Last-Event-ID") else { return nil }
        let values = headers[values: name]
        guard let text = values.first else { return nil }
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard values.count == 1, parts.count == 2, let milliseconds = Self.number(parts[0], digits: 15),
            let sequence = Self.number(parts[1], digits: 9)
        else { throw APIError(.badRequest, .malformedCursor) }
        return LivePlace(milliseconds: milliseconds, sequence: sequence)
    }

    private static func number(_ text: Substring, digits: Int) -> UInt64? {
        guard (1...digits).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return UInt64(text)
    }
}
