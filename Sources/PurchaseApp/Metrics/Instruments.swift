import Metrics
import Synchronization

/// Only goes up.
final class CounterInstrument: CounterHandler, FloatingPointCounterHandler {
    private let total = Mutex(0.0)

    var value: Double { total.withLock { $0 } }

    func increment(by amount: Int64) { increment(by: Double(amount)) }

    func increment(by amount: Double) {
        guard amount > 0 else { return }
        total.withLock { $0 += amount }
    }

    func reset() { total.withLock { $0 = 0 } }
}

/// Goes up and down.
final class GaugeInstrument: MeterHandler, RecorderHandler {
    private let last = Mutex(0.0)

    var value: Double { last.withLock { $0 } }

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { last.withLock { $0 = value } }
    func increment(by amount: Double) { last.withLock { $0 += amount } }
    func decrement(by amount: Double) { last.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }
}

/// How many values were at most so large; of timers, in seconds.
final class HistogramInstrument: TimerHandler, RecorderHandler {
    struct Reading {
        /// How many values fell into each bucket of ``HistogramInstrument/bounds``, and at last the greater ones.
        var counts = [UInt64](repeating: 0, count: HistogramInstrument.bounds.count + 1)
        var sum = 0.0
    }

    /// Upper bounds, 1 ms to 5 min: those that Prometheus clients use by default, one below for fast answers, and some above for
    /// orders.
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300]

    private let state = Mutex(Reading())

    var reading: Reading { state.withLock { $0 } }

    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }
    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) {
        let bucket = Self.bounds.firstIndex { value <= $0 } ?? Self.bounds.count
        state.withLock { reading in
            reading.counts[bucket] += 1
            reading.sum += value
        }
    }
}
