import Metrics
import SagaChoreography
import Synchronization

/// Counts what commits and what becomes of deliveries. An instrument is made once: making it looks it up by name.
final class SagaCounters: Sendable {
    private struct Delivery: Hashable {
        let consumer: ServiceID
        let disposition: Disposition
    }

    private struct State {
        var emitted: [EventType: Counter] = [:]
        var delivered: [Delivery: Counter] = [:]
    }

    private let state = Mutex(State())

    func emitted(_ envelopes: [Envelope]) {
        var counts: [EventType: Int] = [:]
        for envelope in envelopes { counts[envelope.type, default: 0] += 1 }
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

    func delivered(to consumer: ServiceID, _ disposition: Disposition) {
        let key = Delivery(consumer: consumer, disposition: disposition)
        let counter = state.withLock { state in
            if let counter = state.delivered[key] { return counter }
            let counter = Counter(
                label: "saga_deliveries_total",
                dimensions: [("consumer", consumer.name), ("disposition", disposition.rawValue)])
            state.delivered[key] = counter
            return counter
        }
        counter.increment()
    }
}
