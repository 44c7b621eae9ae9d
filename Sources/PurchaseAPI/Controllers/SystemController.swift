import Hummingbird

/// Who answers, and whether it can work.
struct SystemController: Sendable {
    let api: APIDependencies

    var routes: [Route] {
        [
            .get("/", name),
            .get("/health/live", live),
            .get("/health/ready", ready),
        ]
    }

    private struct NameBody: Encodable {
        let service: String
        let version: String
        let status = "ok"

        private enum CodingKeys: String, CodingKey { case service, version, status }
    }

    private struct HealthBody: Encodable {
        let status: String
        var checks: [String: String]?
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
                checks: readiness.checks.mapValues { $0 ? "ok" : "unavailable" }),
            status: readiness.isReady ? .ok : .serviceUnavailable,
            headers: readiness.isReady ? [:] : [.retryAfter: "1"])
    }
}
