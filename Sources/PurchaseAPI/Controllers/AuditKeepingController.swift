import Audit
import Hummingbird
import PurchaseContracts

/// What of the audit trail is kept, and for how long.
struct AuditKeepingController: Sendable {
    let api: APIDependencies

    /// How many segments one call looks at, so that it is answered in time.
    private static let segments = 20
    private static let dryRun = QueryField.bool("dryRun", "Whether it is only said what would go; false if not given.")
    private static let after = QueryField<Int64>.integer(
        "after", in: 0...Int64.max, "The segment behind which to go on, as the call before says.")

    var routes: [Route] {
        [
            Route(
                .get, "/admin/audit/retention", .audit, "How long entries are kept, and which holds are in force",
                access: .role(.admin), answers: [.ok(AuditRetentionBody.schema)], handler: retention),
            Route(
                .post, "/admin/audit/cleanup", .audit,
                "Take away what was kept long enough, some segments at a time, or say what would go",
                access: .role(.admin), parameters: [Self.dryRun.description, Self.after.description],
                body: AuditReason.schema, answers: [.ok(AuditCleanupBody.schema)], problems: [409], handler: cleanup),
            Route(
                .get, "/admin/audit/holds", .audit, "The holds in force, oldest first", access: .role(.admin),
                answers: [.ok(.array(of: AuditHoldBody.schema))], handler: holds),
            Route(
                .post, "/admin/audit/holds", .audit, "Keep entries from retention until the hold is released",
                access: .role(.admin), body: NewAuditHold.schema,
                answers: [.created(AuditHoldBody.schema, headers: [])], problems: [409], handler: place),
            Route(
                .delete, "/admin/audit/holds/{id}", .audit, "Release a hold: retention may take what it kept",
                access: .role(.admin), body: AuditReason.schema, answers: [.noContent], problems: [409],
                handler: release),
        ]
    }

    @Sendable private func retention(_ request: Request, _ context: APIContext) async throws -> Response {
        let holds = try await api.databases[AuditParticipant.service].read { try AuditQueries($0).holds() }
        return try .json(AuditRetentionBody(api.audit.keeping, holds))
    }

    @Sendable private func cleanup(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.requireIdentity().userID
        let isDry = try Self.dryRun.value(in: request) ?? false
        let after = try Self.after.value(in: request) ?? 0
        let reason = try AuditReason.read(try await request.json(in: context).value)
        let outcome = try await api.audit.keeping.change {
            try await $0.cleanup.run(
                isDry: isDry, by: .init(by: admin.uuid, reason: reason), after: after, limit: Self.segments)
        }
        return try .json(AuditCleanupBody(outcome, isDry: isDry))
    }

    @Sendable private func holds(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(
            try await api.databases[AuditParticipant.service].read { try AuditQueries($0).holds() }.map(
                AuditHoldBody.init))
    }

    @Sendable private func place(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.requireIdentity().userID
        let asked = try NewAuditHold.read(try await request.json(in: context).value)
        let hold = try await api.audit.keeping.change {
            try await $0.commands.run(PlaceHold(asked.filter, reason: asked.reason, actor: admin.uuid))
        }
        return try .json(AuditHoldBody(hold), status: .created)
    }

    @Sendable private func release(_ request: Request, _ context: APIContext) async throws -> Response {
        let admin = try context.requireIdentity().userID
        let id = try context.pathID("id", as: AuditHoldID.self)
        let reason = try AuditReason.read(try await request.json(in: context).value)
        let isReleased = try await api.audit.keeping.change {
            try await $0.commands.run(ReleaseHold(id.uuid, reason: reason, actor: admin.uuid))
        }
        guard isReleased else { throw APIError(.notFound, .holdNotFound) }
        return Response(status: .noContent)
    }
}

extension ProblemCode {
    static let holdNotFound: Self = "audit.hold-not-found"
    static let auditReadOnly: Self = "audit.read-only"

    /// What only the audit trail is answered.
    static let audit: [ProblemCode] = [holdNotFound, auditReadOnly]
}
