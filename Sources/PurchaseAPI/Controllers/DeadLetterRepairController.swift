import FoundationEssentials
import HTTPTypes
import Hummingbird
import PurchaseContracts
import SagaSQL

/// Repairs what parked messages (dead letters) stand for: replay, discard, edit.
struct DeadLetterRepairController: Sendable {
    let api: APIDependencies

    private static let dryRun = QueryField.bool(
        "dryRun", "Whether it is only said what would be done, and what is expected to come of it; false if not given.")

    var routes: [Route] {
        [
            route(
                "/admin/dead-letters/{id}/replay", "Deliver one again, or say what would come of it",
                InterventionReason.schema
            ) { try await repair(.replay, try one($1), InterventionReason.read, $0, $1) },
            route(
                "/admin/dead-letters/{id}/discard", "Forget one that would change nothing, or say whether it would",
                InterventionReason.schema
            ) { try await repair(.discard, try one($1), InterventionReason.read, $0, $1) },
            route(
                "/admin/dead-letters/{id}/edit",
                "Give one that cannot be read other data; it stays until it is replayed",
                DeadLetterEditInput.schema, handler: edit),
            route(
                "/admin/dead-letters/replay", "Deliver a group, or all of an order, again; 200 at once",
                DeadLetterSelection.schema
            ) { try await several(.replay, $0, $1) },
            route(
                "/admin/dead-letters/discard",
                "Forget those of a group, or of an order, that would change nothing; 200 at once",
                DeadLetterSelection.schema
            ) { try await several(.discard, $0, $1) },
        ]
    }

    private func route(
        _ path: String, _ summary: String, _ body: BodySchema, handler: @escaping Route.Handler
    ) -> Route {
        Route(
            .post, path, .administration, summary, access: .role(.admin), parameters: [Self.dryRun.description],
            body: body, answers: [.ok(DeadLetterPlanBody.schema), .accepted(OperationBody.schema)],
            problems: [404, 409], handler: handler)
    }

    private func one(_ context: APIContext) throws -> DeadLetters.Selection {
        .one(try context.pathID("id", as: DeadLetterID.self).uuid)
    }

    private func several(
        _ kind: Intervention.Kind, _ request: Request, _ context: APIContext
    ) async throws -> Response {
        let (filter, reason) = try DeadLetterSelection.read(try await request.json(in: context).value)
        return try await repair(kind, .matching(filter), reason, request, context)
    }

    private func repair(
        _ kind: Intervention.Kind, _ selection: DeadLetters.Selection,
        _ reason: (JSONValue) throws -> String, _ request: Request, _ context: APIContext
    ) async throws -> Response {
        try await repair(kind, selection, try reason(try await request.json(in: context).value), request, context)
    }

    private func repair(
        _ kind: Intervention.Kind, _ selection: DeadLetters.Selection, _ reason: String, _ request: Request,
        _ context: APIContext
    ) async throws -> Response {
        let admin = try context.requireIdentity().userID
        if try Self.dryRun.value(in: request) ?? false {
            let items = try await api.deadLetters.plan(kind, selection)
            return try .json(
                DeadLetterPlanBody(kind, items, remaining: try await remaining(selection, besides: items.count)))
        }
        let asked = InterventionRequest(by: admin.uuid, reason: reason)
        let operation =
            kind == .discard
            ? try await api.deadLetters.discard(selection, asked)
            : try await api.deadLetters.replay(selection, asked)
        let kept = operation.items.count { $0.state == .kept }
        return try accepted(operation, remaining: try await remaining(selection, besides: kept))
    }

    @Sendable private func edit(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.requireIdentity().userID
        let id = try context.pathID("id", as: DeadLetterID.self).uuid
        let (edit, reason) = try DeadLetterEditInput.read(try await request.json(in: context).value)
        if try Self.dryRun.value(in: request) ?? false {
            return try .json(DeadLetterPlanBody(.edit, [try await api.deadLetters.plan(edit, of: id)], remaining: 0))
        }
        return try accepted(
            try await api.deadLetters.edit(id, edit, InterventionRequest(by: admin.uuid, reason: reason)),
            remaining: 0)
    }

    private func accepted(_ operation: Intervention, remaining: Int64) throws -> Response {
        let body = OperationBody(operation, at: api.clock.now(), remaining: remaining)
        return try .json(body, status: .accepted, headers: [.location: "/admin/operations/\(body.id)"])
    }

    /// How many more fit the same and wait for another call.
    private func remaining(_ selection: DeadLetters.Selection, besides count: Int) async throws -> Int64 {
        guard case .matching(let filter) = selection else { return 0 }
        let all = try await api.deadLetters.count(filter)
        return max(0, all - Int64(count))
    }
}
