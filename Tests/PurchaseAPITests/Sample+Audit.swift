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
    ]
}
