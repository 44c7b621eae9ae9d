import SagaChoreography
import Synchronization

/// Counts what this process commits and handles, and keeps some of it, while somebody watches. While nobody does it looks at one flag.
///
/// It hears of what has committed, after the fact: nothing that it does can fail a step or hold one up.
public final class LiveMeter: Sendable {
    /// A report is made so often: four times a second.
    public static let interval = Duration.milliseconds(250)
    /// How many events a report has at most: 200 a second.
    public static let eventsAReport = 50

    fileprivate struct Window {
        var since: Timestamp
        var counts: [LiveEdge: LiveCount] = [:]
        var sample = LiveSample(limit: LiveMeter.eventsAReport)
        var isAfterLoss = false
    }

    private let isOn = Atomic<Bool>(false)
    private let window = Mutex<Window?>(nil)
    private let aborts: Set<EventType>
    private let clock: any SagaClock
    private let random: any RandomSource

    /// - Parameter graph: says which events end an order by undoing it.
    public init(_ graph: ChoreographyGraph, clock: any SagaClock, random: any RandomSource) {
        aborts = graph.aborts
        self.clock = clock
        self.random = random
    }

    /// Takes events that a commit made visible.
    public func committed(_ envelopes: [Envelope]) {
        guard isOn.load(ordering: .relaxed), !envelopes.isEmpty else { return }
        window.withLock { window in
            guard window != nil else { return }
            for envelope in envelopes { window?.add(LiveEvent(envelope, isFailure: isAbort(envelope)), random) }
        }
    }

    private func isAbort(_ envelope: Envelope) -> Bool { aborts.contains(envelope.type) }

    /// Takes what became of a delivery.
    public func delivered(_ report: DeliveryReport) {
        guard isOn.load(ordering: .relaxed) else { return }
        let event = LiveEvent(report, at: clock.now())
        window.withLock { $0?.add(event, random) }
    }

    /// Counts from now on, if it does not yet.
    func begin() {
        let now = clock.now()
        window.withLock { if $0 == nil { $0 = Window(since: now) } }
        isOn.store(true, ordering: .relaxed)
    }

    /// Counts no more, and forgets what it counted.
    func end() {
        isOn.store(false, ordering: .relaxed)
        window.withLock { $0 = nil }
    }

    /// What was counted since the last call; goes on with nothing. `nil` if it does not count.
    func cut() -> LiveReport? {
        let now = clock.now()
        return window.withLock { window in
            guard let whole = window else { return nil }
            window = Window(since: now)
            return LiveReport(
                since: whole.since, at: now, rows: LiveReport.rows(whole.counts), events: whole.sample.events,
                unsampled: whole.sample.count - whole.sample.events.count, isAfterLoss: whole.isAfterLoss)
        }
    }

    /// A report did not get to where it is read: the next one says so.
    func lost() { window.withLock { $0?.isAfterLoss = true } }
}

extension LiveMeter.Window {
    fileprivate mutating func add(_ event: LiveEvent, _ random: any RandomSource) {
        counts[event.edge, default: LiveCount()].add(event.urgency, isLate: event.isLate)
        sample.add(event, event.urgency, random)
    }
}
