import Audit
import FoundationEssentials
import SagaChoreography

/// The answer to GET /api/audit/monitoring/status.
struct AuditStatusBody: Described {
    static let schema = Schema.object(
        "AuditStatus",
        [
            .required("status", .choice(Health.self)),
            .required(
                "stores",
                .array(
                    of: .object(
                        "AuditStore",
                        [
                            .required("name", .string), .required("status", .choice(Health.self)),
                            .required("lastSequence", .count),
                        ]))),
            .required(
                "writer",
                .object(
                    "AuditWriter",
                    [
                        .required("enabled", .bool), .required("batchSize", .count),
                        .required("batchIntervalMilliseconds", .count), .required("waiting", .count),
                        .required("oldestAgeMilliseconds", .count),
                    ])),
        ])

    enum Health: String, CaseIterable, Sendable { case healthy, unhealthy }

    struct Store: Encodable {
        let name: String
        let status: String
        let lastSequence: Int64
    }

    struct Writer: Encodable {
        let enabled: Bool
        let batchSize: Int
        let batchIntervalMilliseconds: Int64
        let waiting: Int64
        /// 0 if nothing waits.
        let oldestAgeMilliseconds: Int64
    }

    let status: String
    let stores: [Store]
    let writer: Writer

    /// - Parameter settings: `nil`: the audit trail is not kept.
    init(_ settings: AuditPolicy?, store: String, last: Int64, _ backlog: AuditBacklog, now: Timestamp) {
        let age = backlog.age(at: now)
        // What is kept waits for a batch at most, and a little for its turn.
        let isLate = settings.map { age > $0.batchInterval + .seconds(30) } ?? false
        status = (isLate ? Health.unhealthy : .healthy).rawValue
        stores = [Store(name: store, status: Health.healthy.rawValue, lastSequence: last)]
        writer = Writer(
            enabled: settings != nil, batchSize: settings?.batchSize ?? 0,
            batchIntervalMilliseconds: settings?.batchInterval.wholeMilliseconds ?? 0,
            waiting: settings == nil ? 0 : backlog.total, oldestAgeMilliseconds: age.wholeMilliseconds)
    }
}

/// The answer to GET /api/audit/monitoring/queue-status.
struct AuditQueueBody: Described {
    static let schema = Schema.object(
        "AuditQueue",
        [
            .required("waiting", .count), .required("events", .count), .required("changes", .count),
            .required("oldestAgeMilliseconds", .count),
            .required(
                "byAction",
                .array(
                    of: .object(
                        "AuditWaiting", [.required("action", .string), .required("count", .count)]))),
            .required("advice", .choice(Advice.self)),
        ])

    /// What to do.
    enum Advice: String, CaseIterable, Sendable {
        case nothing
        /// More waits than is usual: look at it again.
        case watch
        /// Nobody seems to record: is there a process that runs Audit, and can it reach its database?
        case act
    }

    struct Action: Encodable {
        let action: String
        let count: Int64
    }

    let waiting: Int64
    /// Of those, events of the saga.
    let events: Int64
    /// Of those, changes that emit none.
    let changes: Int64
    /// 0 if nothing waits.
    let oldestAgeMilliseconds: Int64
    let byAction: [Action]
    let advice: String

    init(_ backlog: AuditBacklog, interval: Duration, now: Timestamp) {
        let age = backlog.age(at: now)
        waiting = backlog.total
        events = backlog.events
        changes = backlog.changes
        oldestAgeMilliseconds = age.wholeMilliseconds
        byAction = backlog.byAction.map { Action(action: $0.action, count: $0.count) }
        let advice: Advice =
            age > interval + .seconds(60) ? .act : age > interval + .seconds(10) || waiting > 1000 ? .watch : .nothing
        self.advice = advice.rawValue
    }
}

/// The answer to POST /api/audit/monitoring/flush-queue.
struct AuditFlushBody: Described {
    static let schema = Schema.object(
        "AuditFlush",
        [
            .required("flushed", .count), .required("durationMilliseconds", .count), .required("waiting", .count),
        ])

    /// Entries that waited and are in the log now.
    let flushed: Int64
    let durationMilliseconds: Int64
    /// What waits now.
    let waiting: Int64
}

/// The answer to GET /api/audit/monitoring/metrics.
struct AuditMetricsBody: Described {
    static let schema = Schema.object(
        "AuditMetrics",
        [
            .required("lastMinute", pace), .required("lastHour", pace), .required("waiting", .count),
            .required("lastSequence", .count),
        ])

    private static let pace = Schema.object(
        "AuditPace",
        [
            .required("entries", .count), .required("entriesPerSecond", Schema(["type": "number"])),
            .optional("meanDelayMilliseconds", .count), .optional("longestDelayMilliseconds", .count),
        ])

    struct Pace: Encodable {
        let entries: Int64
        let entriesPerSecond: Double
        /// From what happened until it was in the log.
        let meanDelayMilliseconds: Int64?
        let longestDelayMilliseconds: Int64?

        init(_ pace: AuditQueries.Pace, seconds: Int64) {
            entries = pace.entries
            entriesPerSecond = Double(pace.entries) / Double(seconds)
            meanDelayMilliseconds = pace.meanDelay?.wholeMilliseconds
            longestDelayMilliseconds = pace.longestDelay?.wholeMilliseconds
        }
    }

    let lastMinute: Pace
    let lastHour: Pace
    let waiting: Int64
    let lastSequence: Int64
}

extension AuditBacklog {
    /// How long the oldest has waited; zero if nothing waits.
    func age(at now: Timestamp) -> Duration { oldest.map { max(.zero, now - $0) } ?? .zero }
}
