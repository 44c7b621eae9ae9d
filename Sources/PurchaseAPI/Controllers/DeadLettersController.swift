import FoundationEssentials
import HTTPTypes
import Hummingbird
import PurchaseContracts
import SagaSQL

/// Looks at parked messages (dead letters).
struct DeadLettersController: Sendable {
    let api: APIDependencies

    private static let list = "admin/dead-letters"
    /// How many groups are told of; there is one for each cause.
    private static let groupLimit = 100

    var routes: [Route] {
        [
            Route(
                .get, "/admin/dead-letters", .administration,
                "Messages that could not be handled, youngest event first",
                access: .role(.admin), parameters: ParameterDescription.page + DeadLetterQuery.descriptions,
                answers: [.ok(DeadLetterPageBody.schema)], handler: page),
            Route(
                .get, "/admin/dead-letters/groups", .administration,
                "The same by consumer, event and cause, the largest group first", access: .role(.admin),
                parameters: DeadLetterQuery.descriptions, answers: [.ok(DeadLetterGroupsBody.schema)],
                handler: groups),
            Route(
                .get, "/admin/dead-letters/{id}", .administration,
                "One of them with its envelope, its last fault, and what was done to it before",
                access: .role(.admin), answers: [.ok(DeadLetterDetailBody.schema)], handler: show),
        ]
    }

    @Sendable private func page(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try PageRequest(request, of: Self.list, cursors: api.cursors)
        let filter = try DeadLetterQuery.filter(in: request)
        let found = try await api.deadLetters.list(filter, before: asked.after, limit: asked.limit + 1)
        let page = Page(found, asked, of: Self.list, cursors: api.cursors) { $0.id }
        return try .json(DeadLetterPageBody(deadLetters: page.elements.map(DeadLetterBody.init), next: page.next))
    }

    @Sendable private func groups(_ request: Request, _ context: APIContext) async throws -> Response {
        let filter = try DeadLetterQuery.filter(in: request)
        let found = try await api.deadLetters.groups(filter, limit: Self.groupLimit)
        return try .json(DeadLetterGroupsBody(groups: found.map(DeadLetterGroupsBody.Group.init)))
    }

    @Sendable private func show(_ request: Request, _ context: APIContext) async throws -> Response {
        let id = try context.pathID("id", as: DeadLetterID.self)
        guard let found = try await api.deadLetters.message(id.uuid) else {
            throw APIError(.notFound, .deadLetterNotFound)
        }
        let now = api.clock.now()
        let known = try await api.deadLetters.knownEditIfPossible(of: id.uuid)
        return try .json(
            DeadLetterDetailBody(
                deadLetter: DeadLetterBody(found.message),
                envelope: Self.shown(found.message.envelope), readable: found.isReadable,
                known: try known.map {
                    KnownFieldsBody(data: try StrictJSON.parse(Array($0.data)), version: $0.version ?? 1)
                },
                history: found.history.map { OperationBody($0, at: now) }))
    }

    /// As it came. What this API would not take in is shown as a text.
    private static func shown(_ envelope: String) -> JSONValue {
        do { return try StrictJSON.parse(Array(envelope.utf8)) } catch { return .object(["text": .string(envelope)]) }
    }
}
