import FoundationEssentials
import Journeys
import Logging
import Orders
import PurchaseAPI
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Synchronization

/// Hears of every commit: wakes the activities that wait for its events, tells whoever watches an order, counts and logs.
public final class CommitFeed: SagaObserver {
    private struct Waker {
        let signal: PatientSignal
        let type: EventType

        func raise() { signal.arrived([type]) }
    }

    private struct State {
        /// Raised when events of a type are committed.
        var signals: [EventType: [Waker]] = [:]
        /// Raised when a service has handled events of a type.
        var followers: [ServiceID: [EventType: [Waker]]] = [:]
        /// Raised when a group gets parked messages back.
        var replays: [ServiceID: [PatientSignal]] = [:]
        var watchers: [UUID: [OrderChanges]] = [:]
        var handledWatchers: [ServiceID: [Int: AsyncStream<Void>.Continuation]] = [:]
        var nextWatcher = 0
        /// By the activity's name.
        var pauses: [String: ServicePresence.Pause] = [:]
    }

    private let state = Mutex(State())
    /// How long orders are waited for. Not the process's alarm: that rings often and looks through all who sleep then, and of these there
    /// may be thousands, who are nearly always told before.
    private let limits = Alarm()
    private let counters: SagaCounters
    private let clock: any SagaClock
    private let logger: Logger
    /// Counts for whoever watches the whole system.
    let meter: LiveMeter?

    public init(clock: any SagaClock = SystemClock(), meter: LiveMeter? = nil, logger: Logger) {
        counters = SagaCounters(clock: clock)
        self.meter = meter
        self.clock = clock
        self.logger = logger
    }

    func wake(_ signal: Signal, for activity: any Activity) {
        let patient = PatientSignal(signal, for: activity)
        state.withLock { state in
            for type in activity.wakesOn {
                let waker = Waker(signal: patient, type: type)
                if let service = activity.follows {
                    state.followers[service, default: [:]][type, default: []].append(waker)
                } else {
                    state.signals[type, default: []].append(waker)
                }
            }
        }
    }

    /// Wakes a consumer when parked messages are given back to its group. Not at once: it may just have looked for retries, and
    /// looks once a second at most.
    func wakeForReplays(_ signal: Signal, of group: ServiceID) {
        let patient = PatientSignal(signal)
        state.withLock { $0.replays[group, default: []].append(patient) }
    }

    /// What is told of `subject` from now on. Subscribe, then read the row, then wait: so no change is missed.
    public func changes(of subject: UUID) -> OrderChanges {
        let changes = OrderChanges { [weak self, limits] changes in
            limits.takeBack(of: changes)
            self?.state.withLock { state in
                guard let watchers = state.watchers.removeValue(forKey: subject), watchers.count > 1 else { return }
                state.watchers[subject] = watchers.filter { $0 !== changes }
            }
        }
        state.withLock { $0.watchers[subject, default: []].append(changes) }
        return changes
    }

    /// Ends `changes` when so much time has passed, unless they end before.
    public func end(_ changes: OrderChanges, after limit: Duration) {
        guard limit > .zero else { return changes.end() }
        limits.set(for: changes, after: limit) { changes.end() }
    }

    /// The orders that somebody watches.
    var watched: [UUID] { state.withLock { Array($0.watchers.keys) } }

    /// Tells whoever watches one of these orders that another process changed it.
    func changedElsewhere(_ subjects: [UUID]) {
        let watchers = state.withLock { state in subjects.flatMap { state.watchers[$0] ?? [] } }
        for watcher in watchers { watcher.tell(nil) }
    }

    /// Whether somebody watches what services handle.
    var isHandlingWatched: Bool { state.withLock { state in state.handledWatchers.values.contains { !$0.isEmpty } } }

    /// Tells whoever watches what services handle that another process may have handled something.
    func mayBeHandledElsewhere() {
        let watchers = state.withLock { state in state.handledWatchers.values.flatMap(\.values) }
        for watcher in watchers { watcher.yield() }
    }

    /// A stream with an element whenever `service` has handled something since the last one was taken.
    public func handled(by service: ServiceID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let key = state.withLock { state in
            state.nextWatcher += 1
            state.handledWatchers[service, default: [:]][state.nextWatcher] = continuation
            return state.nextWatcher
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { $0.handledWatchers[service]?[key] = nil }
        }
        return stream
    }

    /// Takes what the database's transactions announce: whoever waits for an order gets it as it was completed, and events that are
    /// sent again wake who waits for their types.
    func hear(_ news: CommitNews) {
        guard case .committed(let announcements) = news else { return }
        for case let completed as CompletedOrders in announcements {
            let told = state.withLock { state in
                completed.orders.flatMap { order in
                    (state.watchers[order.id.uuid] ?? []).map { (watcher: $0, order: order) }
                }
            }
            for (watcher, order) in told { watcher.tell(order) }
        }
        for case let requeued as Outbox.Requeued in announcements {
            let signals = state.withLock { state in requeued.types.flatMap { state.signals[$0] ?? [] } }
            for signal in signals { signal.raise() }
        }
        for case let replayed as ParkedMessages.Replayed in announcements {
            let signals = state.withLock { state in replayed.groups.flatMap { state.replays[$0] ?? [] } }
            for signal in signals { signal.raise(after: .milliseconds(1100)) }
        }
    }

    public func committed(_ envelopes: [Envelope]) {
        counters.emitted(envelopes)
        meter?.committed(envelopes)
        let (signals, watchers) = state.withLock { state in
            let types = Set(envelopes.map(\.type))
            let signals = types.flatMap { state.signals[$0] ?? [] }
            var watchers: [OrderChanges] = []
            if !state.watchers.isEmpty {
                // An order's row changes where its service commits; what the others say of it is not news of its state. Nor
                // is its beginning: nobody waits for that. Its completion was told with the order, see `hear`.
                let completed = Set(envelopes.lazy.filter { $0.type == OrderCompleted.type }.map(\.subject))
                for envelope in envelopes
                where envelope.source == OrdersParticipant.service && envelope.type != OrderCreated.type {
                    guard let subject = envelope.subject, !completed.contains(subject) else { continue }
                    watchers += state.watchers[subject] ?? []
                }
            }
            return (signals, watchers)
        }
        for signal in signals { signal.raise() }
        for watcher in watchers { watcher.tell(nil) }
    }

    public func delivered(_ report: DeliveryReport) { delivered([report]) }

    public func delivered(_ reports: [DeliveryReport]) {
        // Those of one reaction come one after another, and mostly end alike.
        var rest = reports[...]
        while let first = rest.first {
            let run = rest.prefix {
                $0.envelope.type == first.envelope.type && $0.disposition == first.disposition
                    && $0.group == first.group
            }
            rest = rest.dropFirst(run.count)
            told(of: first.envelope.type, by: first.group)
            counters.delivered(run, first.group, first.disposition)
            for report in run {
                meter?.delivered(report)
                log(report)
            }
        }
    }

    /// Raises who follows or watches a service that has handled events of a type.
    private func told(of type: EventType, by group: ServiceID) {
        let (signals, watchers) = state.withLock { state in
            let signals = state.followers[group]?[type] ?? []
            let watchers = (state.handledWatchers[group] ?? [:]).values.map { $0 }
            return (signals, watchers)
        }
        for signal in signals { signal.raise() }
        for watcher in watchers { watcher.yield() }
    }

    private func log(_ report: DeliveryReport) {
        let level: Logger.Level =
            switch report.disposition {
            case .applied, .ignored, .duplicate: .trace
            case .refused: .info
            case .retrying: .warning
            case .parked: .error
            }
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            LogKey.consumer: "\(report.group)", LogKey.type: "\(report.envelope.type)",
            LogKey.event: "\(report.envelope.id)", LogKey.disposition: "\(report.disposition.rawValue)",
        ]
        if let correlation = report.envelope.correlationID { metadata[LogKey.correlation] = "\(correlation)" }
        if let trace = report.envelope.traceparent.flatMap({ TraceContext(traceparent: $0) })?.trace {
            metadata[LogKey.trace] = "\(trace)"
        }
        if let fault = report.fault {
            metadata[LogKey.fault] = "\(fault.summary)"
            metadata[LogKey.attempts] = "\(report.attempts)"
        }
        logger.log(level: level, "delivery", metadata: metadata)
    }

    /// What waits until something that is away is back.
    var pauses: [ServicePresence.Pause] {
        state.withLock { $0.pauses.values.sorted { $0.activity < $1.activity } }
    }

    /// An activity that paused works again.
    func resumed(_ name: String) { state.withLock { $0.pauses[name] = nil } }

    public func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp) {
        counters.paused(name)
        let now = clock.now()
        state.withLock { state in
            let since = state.pauses[name]?.since ?? now
            state.pauses[name] = .init(activity: name, reason: fault.summary, since: since)
        }
        logger.warning(
            "activity paused",
            metadata: [
                LogKey.activity: "\(name)", LogKey.fault: "\(fault.summary)", LogKey.resumeAt: "\(resumeAt)",
            ])
    }
}
