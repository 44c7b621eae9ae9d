import SagaChoreography

/// Reports what this process sees, while somebody watches. While nobody does it asks once a second whether somebody will.
public final class LiveReporter: Activity {
    /// `live.reporter`.
    public let name = "live.reporter"
    /// Nothing: what it shows is counted meanwhile.
    public var wakesOn: Set<EventType> { [] }

    /// How long it may take until a process knows that somebody watches.
    private static let pause = Duration.seconds(1)

    private let meter: LiveMeter
    private let log: any LiveLog
    private let clock: any SagaClock

    /// Reports what `meter` counts to `log`.
    public init(_ meter: LiveMeter, to log: any LiveLog, clock: any SagaClock) {
        self.meter = meter
        self.log = log
        self.clock = clock
    }

    /// Reports, if somebody wants to know.
    ///
    /// - Throws: ``SagaFault`` `.unavailable`: what was to be reported is lost then, and the next report says so.
    public func poll() async throws -> Progress {
        let began = clock.now()
        do {
            guard try await log.isWatched() else {
                meter.end()
                return .idle(wakeAt: began + Self.pause)
            }
            if let report = meter.cut(), !report.isEmpty { try await log.append(report) }
        } catch {
            meter.lost()
            throw error
        }
        meter.begin()
        return .idle(wakeAt: began + LiveMeter.interval)
    }
}
