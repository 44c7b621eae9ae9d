import FoundationEssentials
import Metrics
import PurchaseContracts
import SagaChoreography
import Synchronization

/// Counts and times what commits and what becomes of deliveries. An instrument is made once: making it looks it up by name.
final class SagaCounters: Sendable {
    private struct Delivery: Hashable {
        let consumer: ServiceID
        let disposition: Disposition
    }

    private struct State {
        var emitted: [EventType: Counter] = [:]
        var delivered: [Delivery: Counter] = [:]
        var delays: [ServiceID: Timer] = [:]
        var pauses: [String: Counter] = [:]
    }

    private let state = Mutex(State())
    private let durations: [EventType: Timer]
    private let settlements = Timer(label: "purchase_order_settlement_duration_seconds")
    private let clock: any SagaClock

    init(clock: any SagaClock) {
        self.clock = clock
        durations = Dictionary(
            uniqueKeysWithValues: [
                (OrderCompleted.type, "completed"), (OrderFailed.type, "failed"), (OrderCancelled.type, "cancelled"),
            ].map { type, outcome in
                (type, Timer(label: "purchase_order_duration_seconds", dimensions: [("outcome", outcome)]))
            })
    }

    func emitted(_ envelopes: [Envelope]) {
        var counts: [EventType: Int] = [:]
        // The end of a refund settles its order once more, which says nothing of how long the order took.
        let refunded = Set(
            envelopes.lazy.filter { [OrderRefunded.type, OrderRefundFailed.type].contains($0.type) }.map(\.subject))
        for envelope in envelopes {
            counts[envelope.type, default: 0] += 1
            if refunded.isEmpty || !refunded.contains(envelope.subject) { time(envelope) }
        }
        state.withLock { state in
            for (type, count) in counts {
                let counter =
                    state.emitted[type]
                    ?? Counter(label: "saga_events_emitted_total", dimensions: [("type", type.name)])
                state.emitted[type] = counter
                counter.increment(by: count)
            }
        }
    }

    /// How long the order took that ends with this event. Its id says when it was placed, so nothing has to be read.
    private func time(_ envelope: Envelope) {
        let timer = envelope.type == OrderSettled.type ? settlements : durations[envelope.type]
        guard let timer, let placed = envelope.subject?.madeAt else { return }
        timer.record(duration: max(.zero, envelope.time - placed))
    }

    /// Deliveries to a consumer came to the same end.
    func delivered(_ reports: some Collection<DeliveryReport>, _ consumer: ServiceID, _ disposition: Disposition) {
        let key = Delivery(consumer: consumer, disposition: disposition)
        let (counter, delay) = state.withLock { state in
            if let counter = state.delivered[key], let delay = state.delays[key.consumer] { return (counter, delay) }
            let counter = Counter(
                label: "saga_deliveries_total",
                dimensions: [("consumer", key.consumer.name), ("disposition", key.disposition.rawValue)])
            let delay = Timer(label: "saga_delivery_delay_seconds", dimensions: [("consumer", key.consumer.name)])
            state.delivered[key] = counter
            state.delays[key.consumer] = delay
            return (counter, delay)
        }
        counter.increment(by: reports.count)
        // Clocks of two machines differ.
        let now = clock.now()
        for report in reports { delay.record(duration: max(.zero, now - report.envelope.time)) }
    }

    func paused(_ activity: String) {
        let counter = state.withLock { state in
            let counter =
                state.pauses[activity]
                ?? Counter(label: "saga_activity_pauses_total", dimensions: [("activity", activity)])
            state.pauses[activity] = counter
            return counter
        }
        counter.increment()
    }
}

extension UUID {
    /// When an id of version 7 was made; `nil` for other versions.
    var madeAt: Timestamp? {
        let bytes = uuid
        guard bytes.6 >> 4 == 7 else { return nil }
        let milliseconds = [bytes.0, bytes.1, bytes.2, bytes.3, bytes.4, bytes.5].reduce(Int64(0)) {
            $0 << 8 | Int64($1)
        }
        return Timestamp(milliseconds: milliseconds)
    }
}
