import SagaChoreography
import Synchronization

/// Where a report is in a ``LiveLog``: later ones have greater places.
public struct LivePlace: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// When it was taken, by the log's clock.
    public let milliseconds: UInt64
    /// Which of those taken in the same millisecond.
    public let sequence: UInt64

    /// Takes what its properties say.
    public init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    public var description: String { "\(milliseconds)-\(sequence)" }

    public static func < (a: LivePlace, b: LivePlace) -> Bool {
        (a.milliseconds, a.sequence) < (b.milliseconds, b.sequence)
    }
}

/// A report and where it is.
public struct PlacedReport: Sendable, Hashable {
    /// Where.
    public let place: LivePlace
    /// What was seen.
    public let report: LiveReport

    /// Takes what its properties say.
    public init(place: LivePlace, report: LiveReport) {
        self.place = place
        self.report = report
    }
}

/// Where the reports of all processes that see each other come together for a short while. It is bounded, and nothing else depends on
/// it: whatever it loses is not shown.
public protocol LiveLog: Sendable {
    /// Lets every process report for so long.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    func watch(for duration: Duration) async throws

    /// Whether somebody watches.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    func isWatched() async throws -> Bool

    /// Adds a report at the end.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    func append(_ report: LiveReport) async throws

    /// What is kept behind a place, in order; `nil`: everything.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`.
    func reports(behind place: LivePlace?) async throws -> [PlacedReport]
}

/// The log of a process that is alone.
public final class LiveMemory: LiveLog {
    private struct State {
        var watchedUntil: Timestamp?
        var reports: [PlacedReport] = []
        var last: LivePlace?
    }

    private let state = Mutex(State())
    private let clock: any SagaClock

    /// An empty one.
    public init(clock: any SagaClock) { self.clock = clock }

    /// See ``LiveLog``.
    public func watch(for duration: Duration) {
        let until = clock.now() + duration
        state.withLock { $0.watchedUntil = max(until, $0.watchedUntil ?? until) }
    }

    /// See ``LiveLog``.
    public func isWatched() -> Bool {
        let now = clock.now()
        return state.withLock { state in state.watchedUntil.map { $0 > now } ?? false }
    }

    /// See ``LiveLog``.
    public func append(_ report: LiveReport) {
        let now = UInt64(max(0, clock.now().milliseconds))
        state.withLock { state in
            var place = LivePlace(milliseconds: now, sequence: 0)
            // A clock that was put back does not put places back.
            if let last = state.last, place <= last {
                place = LivePlace(milliseconds: last.milliseconds, sequence: last.sequence + 1)
            }
            state.last = place
            state.reports.append(PlacedReport(place: place, report: report))
            if state.reports.count > LiveView.most { state.reports.removeFirst() }
        }
    }

    /// See ``LiveLog``.
    public func reports(behind place: LivePlace?) -> [PlacedReport] {
        state.withLock { state in
            guard let place else { return state.reports }
            return Array(state.reports.reversed().prefix { $0.place > place }.reversed())
        }
    }
}
