import SagaChoreography
import Synchronization

/// What the whole system did in the last half minute, as far as somebody watched: one bounded list for however many watch. Each of them
/// has a place in it and nothing else, so whoever is slow costs nothing, and misses what has left the list meanwhile.
public final class LiveView: Sendable {
    /// How long a report stays, and for how long who went away may come back without missing anything.
    public static let memory = Duration.seconds(30)
    /// How many reports stay at most.
    static let most = 512
    /// What rates are taken over.
    static let window = Duration.seconds(10)
    /// Looks that come together look once.
    private static let interval = Duration.milliseconds(200)
    /// Processes go on reporting for so long after the last look: longer than the memory.
    private static let watch = Duration.seconds(40)
    private static let renewal = Duration.seconds(5)

    fileprivate struct State {
        /// Since when looks have followed each other closely enough for nothing to be missed.
        var since: Timestamp?
        var lookedAt: Timestamp?
        var renewedAt: Timestamp?
        var reports: ArraySlice<PlacedReport> = []
        /// The last report that left the list.
        var left: LivePlace?
        /// How far the log was read.
        var read: LivePlace?
        var last: LivePlace? { reports.last?.place ?? left }
    }

    private let log: any LiveLog
    private let clock: any SagaClock
    private let edges: [LiveEdge]
    private let state = Mutex(State())

    /// - Parameter graph: which edges there are.
    public init(of log: any LiveLog, _ graph: ChoreographyGraph, clock: any SagaClock) {
        self.log = log
        self.clock = clock
        edges = graph.edges
    }

    /// Reads what has come, and keeps the processes reporting.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    public func look() async throws {
        let now = clock.now()
        let (isDue, isFirst, needsRenewal, read) = state.withLock { state in
            if let lookedAt = state.lookedAt, now - lookedAt >= Self.memory || now < lookedAt { state = State() }
            let isDue = state.lookedAt.map { now - $0 >= Self.interval } ?? true
            return (
                isDue, state.lookedAt == nil, state.renewedAt.map { now - $0 >= Self.renewal } ?? true, state.read
            )
        }
        guard isDue else { return }
        // What was reported before is worth something if nobody stopped reporting since.
        let isOld = isFirst ? try await !log.isWatched() : false
        if needsRenewal { try await log.watch(for: Self.watch) }
        let found = try await log.reports(behind: read)
        state.withLock { state in
            if needsRenewal { state.renewedAt = now }
            state.lookedAt = now
            if state.since == nil { state.since = now }
            // Another look may have been faster.
            let new = found.drop { report in state.read.map { report.place <= $0 } ?? false }
            state.read = new.last?.place ?? state.read
            if !isOld { state.reports += new }
            state.forget(before: now + (.zero - Self.memory))
        }
    }

    /// What there is behind a place.
    public struct Found: Sendable {
        /// In order.
        public let reports: [PlacedReport]
        /// Whether there may have been more.
        public let isGap: Bool
    }

    /// The reports behind a place; `nil`: from before the first one.
    public func reports(behind place: LivePlace?) -> Found {
        state.withLock { state in
            guard let place else { return Found(reports: Array(state.reports), isGap: state.left != nil) }
            let oldest = state.left ?? state.reports.first?.place
            guard let oldest, let last = state.last, place >= oldest, !place.isBeyond(last, by: Self.memory) else {
                return Found(reports: Array(state.reports), isGap: true)
            }
            // Another process told of it before this one looked: behind it there is nothing yet.
            if place > last { return Found(reports: [], isGap: false) }
            return Found(reports: Array(state.reports.reversed().prefix { $0.place > place }.reversed()), isGap: false)
        }
    }

    /// The place of the last report; `nil` before the first one.
    public var end: LivePlace? { state.withLock { $0.last } }

    /// How much went each way lately: every edge of the choreography, and whatever else was seen.
    public func rates() -> LiveRates {
        let now = clock.now()
        let (reports, since) = state.withLock { ($0.reports, $0.since ?? now) }
        let begin = now + (.zero - Self.window)
        let recent = reports.lazy.map(\.report).filter { $0.at > begin }
        var counts = Dictionary(uniqueKeysWithValues: edges.map { ($0, LiveCount()) })
        for row in recent.flatMap(\.rows) { counts[row.edge, default: LiveCount()].add(row.count) }
        let first = reports.first.map { min($0.report.since, since) } ?? since
        return LiveRates(at: now, covered: max(.zero, now - max(first, begin)), rows: LiveReport.rows(counts))
    }
}

/// How much went each way in the last seconds.
public struct LiveRates: Sendable {
    /// When.
    public let at: Timestamp
    /// How much time was counted: up to ten seconds, less soon after somebody began to watch.
    public let covered: Duration
    /// In order of the edges.
    public let rows: [LiveReport.Row]
}

extension LivePlace {
    fileprivate func isBeyond(_ other: LivePlace, by limit: Duration) -> Bool {
        milliseconds > other.milliseconds && milliseconds - other.milliseconds > UInt64(limit.wholeMilliseconds)
    }
}

extension LiveView.State {
    fileprivate mutating func forget(before time: Timestamp) {
        let old = reports.prefix { $0.report.at < time }.count
        let gone = reports.prefix(max(old, reports.count - LiveView.most))
        guard let last = gone.last else { return }
        left = last.place
        reports = ArraySlice(Array(reports.dropFirst(gone.count)))
    }
}

extension ChoreographyGraph {
    /// Every way that an event may go, its emission included.
    var edges: [LiveEdge] {
        events.flatMap { type in
            emitters(of: type).flatMap { emitter in
                [LiveEdge(type, from: emitter)] + consumers(of: type).map { LiveEdge(type, from: emitter, to: $0) }
            }
        }.sorted()
    }
}
