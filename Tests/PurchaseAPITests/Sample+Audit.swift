extension Sample {
    static let audit: [String: Sample] = [
        "GET /api/audit/monitoring/status": fixed("/api/audit/monitoring/status"),
        "GET /api/audit/monitoring/statistics": fixed("/api/audit/monitoring/statistics"),
        "GET /api/audit/monitoring/security-events": fixed("/api/audit/monitoring/security-events"),
        "GET /api/audit/monitoring/queue-status": fixed("/api/audit/monitoring/queue-status"),
        "POST /api/audit/monitoring/flush-queue": fixed("/api/audit/monitoring/flush-queue"),
        "GET /api/audit/monitoring/metrics": fixed("/api/audit/monitoring/metrics"),
        "GET /admin/audit": fixed("/admin/audit"),
        "GET /admin/audit/export.ndjson": fixed("/admin/audit/export.ndjson"),
        "GET /admin/audit/export.csv": fixed("/admin/audit/export.csv"),
        "GET /admin/audit/trend": fixed("/admin/audit/trend"),
        "GET /admin/audit/verify": fixed("/admin/audit/verify"),
        "GET /admin/audit/stream": fixed("/admin/audit/stream"),
        "GET /admin/audit/retention": fixed("/admin/audit/retention"),
        "POST /admin/audit/cleanup": at({ _ in "/admin/audit/cleanup" }, body: { _ in #"{"reason":"spring"}"# }),
        "GET /admin/audit/holds": fixed("/admin/audit/holds"),
        "POST /admin/audit/holds": at(
            { _ in "/admin/audit/holds" }, body: { #"{"reason":"a court asks","userId":"\#($0.user)"}"# }),
        "DELETE /admin/audit/holds/{id}": at(
            { "/admin/audit/holds/\($0.hold)" }, needs: .hold, body: { _ in #"{"reason":"over"}"# }),
    ]
}
