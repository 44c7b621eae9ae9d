import Audit
import Hummingbird
import SagaChoreography

/// How the audit trail fares, and what it says of the last hours.
struct AuditMonitoringController: Sendable {
    let api: APIDependencies

    private static let hours = QueryField<Int64>.integer(
        "hours", in: 1...8784, "The last so many hours; 24 if not given.")
    private static let limit = QueryField<Int64>.integer("limit", in: 1...500, "How many at most; 50 if not given.")
    private static let path = "/api/audit/monitoring"

    var routes: [Route] {
        [
            Route(
                .get, "\(Self.path)/status", .audit, "Health of the audit trail's store and of its writer",
                access: .role(.admin), answers: [.ok(AuditStatusBody.schema)], handler: status),
            Route(
                .get, "\(Self.path)/statistics", .audit, "Entries of the last hours, by action and result",
                access: .role(.admin), parameters: [Self.hours.description],
                answers: [.ok(AuditStatisticsBody.schema)], handler: statistics),
            Route(
                .get, "\(Self.path)/security-events", .audit, "Refused access, failed logins, whatever was blocked",
                access: .role(.admin), parameters: [Self.limit.description],
                answers: [.ok(AuditSecurityBody.schema)], handler: securityEvents),
            Route(
                .get, "\(Self.path)/queue-status", .audit, "What waits to be recorded, and what to do about it",
                access: .role(.admin), answers: [.ok(AuditQueueBody.schema)], handler: queueStatus),
            Route(
                .post, "\(Self.path)/flush-queue", .audit, "Record what waits, now", access: .role(.admin),
                answers: [.ok(AuditFlushBody.schema)], handler: flushQueue),
            Route(
                .get, "\(Self.path)/metrics", .audit, "How fast entries come, and how late", access: .role(.admin),
                answers: [.ok(AuditMetricsBody.schema)], handler: metrics),
        ]
    }

    @Sendable private func status(_ request: Request, _ context: APIContext) async throws -> Response {
        let last = try await api.databases[AuditParticipant.service].read { transaction in
            try AuditQueries(transaction).last()
        }
        let backlog = try await AuditBacklog.read(in: api.databases)
        return try .json(
            AuditStatusBody(
                api.audit.policy, store: api.audit.store, last: last, backlog, now: api.clock.now()))
    }

    @Sendable private func statistics(_ request: Request, _ context: APIContext) async throws -> Response {
        let hours = try Self.hours.value(in: request) ?? 24
        // What happens this very millisecond counts.
        let until = api.clock.now() + .milliseconds(1)
        let found = try await api.audit.reader.statistics(from: until + .seconds(-3600 * hours), until: until)
        return try .json(AuditStatisticsBody(found))
    }

    @Sendable private func securityEvents(_ request: Request, _ context: APIContext) async throws -> Response {
        let limit = Int(try Self.limit.value(in: request) ?? 50)
        var filter = AuditFilter()
        filter.isSecurity = true
        let found = try await api.audit.reader.entries(filter, limit: limit).entries
        return try .json(AuditSecurityBody(count: found.count, events: try found.map(AuditEntryBody.init)))
    }

    @Sendable private func queueStatus(_ request: Request, _ context: APIContext) async throws -> Response {
        let backlog = try await AuditBacklog.read(in: api.databases)
        return try .json(
            AuditQueueBody(backlog, interval: api.audit.policy?.batchInterval ?? .zero, now: api.clock.now()))
    }

    /// Where another process records, this waits for its next batch; where this one does, for what is on its way from the outbox.
    @Sendable private func flushQueue(_ request: Request, _ context: APIContext) async throws -> Response {
        let begin = api.clock.now()
        let before = try await api.databases[AuditParticipant.service].read { try AuditQueries($0).last() }
        if let policy = api.audit.policy {
            let end = begin + policy.batchInterval + .seconds(2)
            try await api.audit.flush?()
            while try await isWaiting(since: begin), api.clock.now() < end {
                try await api.pause(.milliseconds(100))
                try await api.audit.flush?()
            }
        }
        let after = try await api.databases[AuditParticipant.service].read { try AuditQueries($0).last() }
        let waiting = try await AuditBacklog.read(in: api.databases).total
        return try .json(
            AuditFlushBody(
                flushed: after - before, durationMilliseconds: (api.clock.now() - begin).wholeMilliseconds,
                waiting: waiting))
    }

    /// Whether something that happened before `begin` is not in the log.
    private func isWaiting(since begin: Timestamp) async throws -> Bool {
        let oldest = try await AuditBacklog.read(in: api.databases).oldest
        return oldest.map { $0 <= begin } ?? false
    }

    @Sendable private func metrics(_ request: Request, _ context: APIContext) async throws -> Response {
        let now = api.clock.now()
        let waiting = try await AuditBacklog.read(in: api.databases).total
        let body = try await api.databases[AuditParticipant.service].read { transaction in
            let queries = AuditQueries(transaction)
            return AuditMetricsBody(
                lastMinute: .init(try queries.pace(since: now + .seconds(-60)), seconds: 60),
                lastHour: .init(try queries.pace(since: now + .seconds(-3600)), seconds: 3600),
                waiting: waiting, lastSequence: try queries.last())
        }
        return try .json(body)
    }
}
