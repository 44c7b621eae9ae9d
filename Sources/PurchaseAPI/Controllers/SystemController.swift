import Hummingbird

/// Who answers, and whether it can work.
struct SystemController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            Route(
                .get, "/", .system, "Which service and version answers", access: .guest,
                answers: [.ok(NameBody.schema)], handler: name),
            Route(
                .get, "/health/live", .system, "Whether the process is up", access: .guest,
                answers: [.ok(HealthBody.schema)], handler: live),
            Route(
                .get, "/health/ready", .system, "Whether what it depends on can be reached", access: .guest,
                answers: [.ok(HealthBody.schema), .init(status: .serviceUnavailable, schema: HealthBody.schema)],
                handler: ready),
        ]
    }

    private struct NameBody: Described {
        static let schema = Schema.object(
            "Service", [.required("service", .string), .required("version", .string), .required("status", .string)])

        let service: String
        let version: String
        let status = "ok"

        private enum CodingKeys: String, CodingKey { case service, version, status }
    }

    private struct HealthBody: Described {
        static let schema = Schema.object(
            "Health",
            [
                .required("status", .string), .optional("checks", .map(of: .string)),
                .optional("reasons", .map(of: .string)),
            ])

        let status: String
        var checks: [String: String]?
        var reasons: [String: String]?
    }

    @Sendable private func name(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(NameBody(service: api.settings.name, version: api.settings.version))
    }

    @Sendable private func live(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(HealthBody(status: "ok"))
    }

    @Sendable private func ready(_ request: Request, _ context: APIContext) async throws -> Response {
        let readiness = await api.readiness()
        return try .json(
            HealthBody(
                status: readiness.isReady ? "ok" : "unavailable",
                checks: readiness.checks.mapValues { $0 == nil ? "ok" : "unavailable" },
                reasons: readiness.isReady ? nil : readiness.reasons),
            status: readiness.isReady ? .ok : .serviceUnavailable,
            headers: readiness.isReady ? [:] : [.retryAfter: "1"])
    }
}
