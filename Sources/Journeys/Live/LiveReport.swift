import FoundationEssentials
import SagaChoreography

/// One way that events take: from the service that emits a type to one that handles it.
public struct LiveEdge: Hashable, Sendable, Codable, Comparable {
    /// What the events are called.
    public let type: EventType
    /// Who emits them.
    public let emitter: ServiceID
    /// Who handles them; `nil` for the emission itself.
    public let consumer: ServiceID?

    /// Takes what its properties say.
    public init(_ type: EventType, from emitter: ServiceID, to consumer: ServiceID? = nil) {
        self.type = type
        self.emitter = emitter
        self.consumer = consumer
    }

    public static func < (a: LiveEdge, b: LiveEdge) -> Bool {
        (a.type, a.emitter, a.consumer?.name ?? "") < (b.type, b.emitter, b.consumer?.name ?? "")
    }
}

/// How much went one way.
public struct LiveCount: Hashable, Sendable, Codable {
    /// Emissions, or deliveries that came to an end or will be tried again.
    public var count = 0
    /// Of those, deliveries that were refused, failed or were parked, and events that end an order by undoing it.
    public var failed = 0
    /// Of those, deliveries that took longer than ``LiveEvent/lateAfter``.
    public var late = 0

    /// Nothing.
    public init() {}

    mutating func add(_ urgency: LiveEvent.Urgency, isLate: Bool) {
        count += 1
        failed += urgency == .failed ? 1 : 0
        late += isLate ? 1 : 0
    }

    mutating func add(_ other: LiveCount) {
        count += other.count
        failed += other.failed
        late += other.late
    }
}

/// One event that was emitted, or one delivery of it. What it holds of the event's data is nothing: that may be personal.
public struct LiveEvent: Hashable, Sendable, Codable {
    /// A delivery that ends so long after its event was emitted is late.
    public static let lateAfter = Duration.seconds(1)

    /// What comes first where there is no room for all.
    public enum Urgency: Int, Sendable, Codable, CaseIterable {
        case failed, late, ordinary
    }

    /// The event's id.
    public let id: UUID
    /// The way it went.
    public let edge: LiveEdge
    /// The order it belongs to, or whatever else it is about.
    public let subject: UUID?
    /// When it was emitted, or when the delivery ended.
    public let at: Timestamp
    /// How the delivery ended; `nil` for the emission.
    public let disposition: Disposition?
    /// Deliveries that faulted so far.
    public let attempts: Int
    /// From the emission to the delivery's end; zero for the emission.
    public let age: Duration
    /// What it comes to.
    public let urgency: Urgency

    /// An emission.
    init(_ envelope: Envelope, isFailure: Bool) {
        id = envelope.id
        edge = LiveEdge(envelope.type, from: envelope.source)
        subject = envelope.subject
        at = envelope.time
        disposition = nil
        attempts = 0
        age = .zero
        urgency = isFailure ? .failed : .ordinary
    }

    /// A delivery that ended at `now`.
    init(_ report: DeliveryReport, at now: Timestamp) {
        let envelope = report.envelope
        id = envelope.id
        edge = LiveEdge(envelope.type, from: envelope.source, to: report.group)
        subject = envelope.subject
        at = now
        disposition = report.disposition
        attempts = report.attempts
        age = max(.zero, now - envelope.time)
        urgency =
            switch report.disposition {
            case .refused, .retrying, .parked: .failed
            case .applied, .ignored, .duplicate: age > Self.lateAfter ? .late : .ordinary
            }
    }

    /// Whether it is a delivery that ended late.
    public var isLate: Bool { age > Self.lateAfter }
}

/// What one process saw in a short time: every count, and some of the events.
public struct LiveReport: Hashable, Sendable, Codable {
    /// Counts of one edge.
    public struct Row: Hashable, Sendable, Codable {
        /// The way.
        public let edge: LiveEdge
        /// What went it.
        public let count: LiveCount
    }

    /// When the process began to count.
    public var since: Timestamp
    /// When it ended counting.
    public var at: Timestamp
    /// In order of the edges.
    public var rows: [Row]
    /// In order of their times.
    public var events: [LiveEvent]
    /// How many of what is counted is not among ``events``.
    public var unsampled: Int
    /// Whether an earlier report of this process was lost.
    public var isAfterLoss: Bool

    /// Takes what its properties say.
    public init(
        since: Timestamp, at: Timestamp, rows: [Row], events: [LiveEvent], unsampled: Int, isAfterLoss: Bool
    ) {
        self.since = since
        self.at = at
        self.rows = rows
        self.events = events
        self.unsampled = unsampled
        self.isAfterLoss = isAfterLoss
    }

    /// Whether there is nothing to say.
    var isEmpty: Bool { rows.isEmpty && !isAfterLoss }

    /// Several reports as one, with no more than `limit` events.
    public static func merged(_ reports: some Collection<LiveReport>, limit: Int) -> LiveReport? {
        guard let first = reports.first else { return nil }
        var whole = LiveReport(
            since: first.since, at: first.at, rows: [], events: [], unsampled: 0, isAfterLoss: false)
        var counts: [LiveEdge: LiveCount] = [:]
        for report in reports {
            whole.since = min(whole.since, report.since)
            whole.at = max(whole.at, report.at)
            whole.isAfterLoss = whole.isAfterLoss || report.isAfterLoss
            whole.unsampled += report.unsampled
            whole.events += report.events
            for row in report.rows { counts[row.edge, default: LiveCount()].add(row.count) }
        }
        whole.rows = rows(counts)
        let kept = LiveSample.first(limit, of: whole.events)
        whole.unsampled += whole.events.count - kept.count
        whole.events = kept
        return whole
    }

    static func rows(_ counts: [LiveEdge: LiveCount]) -> [Row] {
        counts.sorted { $0.key < $1.key }.map { Row(edge: $0.key, count: $0.value) }
    }
}
