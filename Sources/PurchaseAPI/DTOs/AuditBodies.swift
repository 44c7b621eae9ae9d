import Audit
import FoundationEssentials
import SagaChoreography

/// One entry of the audit trail as it is answered. Its details are the JSON that was recorded.
struct AuditEntryBody: Described {
    static let schema = Schema.object(
        "AuditEntry",
        [
            .required("sequence", .count), .required("id", .id), .required("action", .string),
            .required("resource", .string), .required("resourceId", .string),
            .required("actor", AuditActorBody.schema), .required("occurredAt", .time),
            .required("recordedAt", .time), .required("status", .choice(AuditResult.self)),
            .required("severity", .integer(1...5)), .required("details", .object([], allowsOthers: true)),
            .optional("correlationId", .id), .optional("causationId", .id), .optional("traceparent", .string),
            .required("service", .string), .required("hash", .string),
        ])

    let sequence: Int64
    let id: String
    let action: String
    let resource: String
    let resourceId: String
    let actor: AuditActorBody
    let occurredAt: String
    let recordedAt: String
    let status: String
    let severity: Int64
    let details: JSONValue
    let correlationId: String?
    let causationId: String?
    let traceparent: String?
    let service: String
    /// SHA-256 in hex.
    let hash: String

    /// - Throws: `StrictJSON.Failure` if the details are no JSON: they were changed behind this program's back.
    init(_ logged: LoggedEntry) throws {
        let entry = logged.entry
        sequence = logged.sequence
        id = entry.id.uuidString.lowercased()
        action = entry.action
        resource = entry.resource
        resourceId = entry.resourceID
        actor = AuditActorBody(entry.actor)
        occurredAt = entry.occurredAt.description
        recordedAt = logged.recordedAt.description
        status = entry.status.rawValue
        severity = entry.severity.rawValue
        details = try StrictJSON.parse(Array(entry.details))
        correlationId = entry.correlationID?.uuidString.lowercased()
        causationId = entry.causationID?.uuidString.lowercased()
        traceparent = entry.traceparent
        service = entry.service.name
        hash = Self.hex(logged.hash)
    }

    static func hex(_ bytes: Data) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}

/// Who did it.
struct AuditActorBody: Described {
    static let schema = Schema.object(
        "AuditActor",
        [
            .optional("userId", .id), .optional("role", .string), .optional("ipAddress", .string),
            .optional("userAgent", .string),
        ])

    let userId: String?
    let role: String?
    let ipAddress: String?
    let userAgent: String?

    init(_ actor: AuditEntry.Actor) {
        userId = actor.userID?.uuidString.lowercased()
        role = actor.role
        ipAddress = actor.ipAddress
        userAgent = actor.userAgent
    }
}

/// How an entry ended, as a word of the query.
enum AuditResult: String, CaseIterable, Sendable { case success, failed, blocked }

/// A page of entries, the newest first.
struct AuditPageBody: Described {
    static let schema = Schema.object(
        "AuditPage", [.required("entries", .array(of: AuditEntryBody.schema)), .optional("next", .string)])

    let entries: [AuditEntryBody]
    /// The cursor of the next page; missing on the last.
    let next: String?
}

/// The answer to GET /api/audit/monitoring/security-events.
struct AuditSecurityBody: Described {
    static let schema = Schema.object(
        "AuditSecurityEvents",
        [.required("count", .count), .required("events", .array(of: AuditEntryBody.schema))])

    let count: Int
    let events: [AuditEntryBody]
}

/// The answer to GET /api/audit/monitoring/statistics.
struct AuditStatisticsBody: Described {
    static let schema = Schema.object(
        "AuditStatistics",
        [
            .required("from", .time), .required("until", .time), .required("total", .count),
            .required("success", .count), .required("failed", .count), .required("blocked", .count),
            .optional("successRate", Schema(["type": "number"])), .required("securityEvents", .count),
            .required("highSeverityEvents", .count),
            .required(
                "byAction",
                .array(
                    of: .object(
                        "AuditActionCount",
                        [
                            .required("action", .string), .required("count", .count),
                            .required("unsuccessful", .count),
                        ]))),
        ])

    struct Action: Encodable {
        let action: String
        let count: Int64
        let unsuccessful: Int64
    }

    let from: String
    let until: String
    let total: Int64
    let success: Int64
    let failed: Int64
    let blocked: Int64
    /// 0…1; missing if nothing happened.
    let successRate: Double?
    let securityEvents: Int64
    let highSeverityEvents: Int64
    let byAction: [Action]

    init(_ statistics: AuditStatistics) {
        from = statistics.from.description
        until = statistics.until.description
        total = statistics.total
        success = statistics.success
        failed = statistics.failed
        blocked = statistics.blocked
        successRate = statistics.successRate
        securityEvents = statistics.security
        highSeverityEvents = statistics.severe
        byAction = statistics.actions.map {
            Action(action: $0.action, count: $0.count, unsuccessful: $0.unsuccessful)
        }
    }
}

/// The answer to GET /admin/audit/trend.
struct AuditTrendBody: Described {
    static let schema = Schema.object(
        "AuditTrend",
        [
            .required("unit", .choice(AuditTrendUnit.self)),
            .required(
                "points",
                .array(
                    of: .object(
                        "AuditTrendPoint",
                        [
                            .required("begin", .time), .required("count", .count),
                            .required("unsuccessful", .count), .required("highSeverity", .count),
                        ]))),
        ])

    struct Point: Encodable {
        let begin: String
        let count: Int64
        let unsuccessful: Int64
        let highSeverity: Int64
    }

    let unit: String
    /// Oldest first; without those in which nothing happened.
    let points: [Point]

    init(_ points: [AuditTrendPoint], by unit: AuditTrendUnit) {
        self.unit = unit.rawValue
        self.points = points.map {
            Point(
                begin: $0.begin.description, count: $0.count, unsuccessful: $0.unsuccessful, highSeverity: $0.severe)
        }
    }
}

/// How long a point of a trend is.
enum AuditTrendUnit: String, CaseIterable, Sendable { case day, month }

/// The answer to GET /admin/audit/verify.
struct AuditVerificationBody: Described {
    static let schema = Schema.object(
        "AuditVerification",
        [
            .required("intact", .bool), .required("entries", .count), .required("pruned", .count),
            .required(
                "findings",
                .array(
                    of: .object(
                        "AuditFinding",
                        [
                            .required("kind", .choice(AuditVerification.Finding.Kind.self)),
                            .required("first", .count), .required("last", .count),
                            .required("place", .choice(AuditReader.Primary.self)),
                        ]))),
            .required(
                "head",
                .object("AuditHead", [.required("sequence", .count), .required("hash", .string)])),
        ])

    struct Finding: Encodable {
        let kind: String
        let first: Int64
        let last: Int64
        /// In the log, or in the store beside it.
        let place: String

        init(_ finding: AuditVerification.Finding, in place: AuditReader.Primary) {
            (kind, first, last) = (finding.kind.rawValue, finding.first, finding.last)
            self.place = place.rawValue
        }
    }

    struct Head: Encodable {
        let sequence: Int64
        let hash: String
    }

    let intact: Bool
    /// Entries that were looked at.
    let entries: Int64
    /// Entries that retention took away.
    let pruned: Int64
    /// The first of them, in order.
    let findings: [Finding]
    let head: Head

    init(_ verification: TrailVerification) {
        let log = verification.log
        intact = verification.isIntact
        entries = log.entries
        pruned = log.pruned
        findings =
            log.findings.map { Finding($0, in: .log) }
            + (verification.store?.findings ?? []).map { Finding($0, in: .store) }
        head = Head(sequence: log.head.sequence, hash: AuditEntryBody.hex(log.head.hash))
    }
}
