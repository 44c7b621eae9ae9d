import HTTPTypes
import Hummingbird

/// Shows entries of the audit trail as they come.
struct AuditStreamController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .get, "/admin/audit/stream", .audit, "New entries as they come, as server-sent events",
                access: .role(.admin), parameters: AuditQuery.descriptions + [.lastEventID],
                answers: [.init(status: .ok, schema: .serverSentEvent, contentType: Response.eventStreamType)],
                handler: stream)
        ]
    }

    @Sendable private func stream(_ request: Request, _ context: APIContext) async throws -> Response {
        let filter = try AuditQuery.filter(in: request)
        let asked = try request.lastEventID()
        guard let token = context.token else { throw APIError.tokenMissing }
        let end = try await api.audit.reader.last()
        // What was never given out begins with what comes next: the database may be an older copy of what it was.
        let first = min(asked ?? end, end)
        let user = try context.requireIdentity().userID
        guard let seat = api.auditStreams.take(for: user) else {
            throw APIError.unavailable(.overloaded, retryAfter: 10)
        }
        let stream = AuditStream(of: filter, on: api) { [authenticator = api.authenticator] in
            // A change of his roles ends a token, too.
            context.isConnected && authenticator.believes(token)
        }
        return .eventStream(holding: seat) { try await stream.write(behind: first, $0) }
    }
}

extension ParameterDescription {
    static let lastEventID = ParameterDescription(
        name: "Last-Event-ID", place: .header,
        summary: "The id of the last event that was read; only what comes next if not given.",
        schema: Schema(["type": "string", "pattern": "^[0-9]{1,18}$"]), refusals: [400])
}

extension Request {
    /// The `Last-Event-ID` header; `nil` if there is none.
    ///
    /// - Throws: ``APIError`` 400 if it is not the id of an event.
    fileprivate func lastEventID() throws(APIError) -> Int64? {
        guard let name = HTTPField.Name("Last-Event-ID") else { return nil }
        let values = headers[values: name]
        guard let text = values.first else { return nil }
        guard values.count == 1, (1...18).contains(text.utf8.count),
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let place = Int64(text)
        else { throw APIError(.badRequest, .malformedCursor) }
        return place
    }
}
