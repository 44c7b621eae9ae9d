import Metrics
import Synchronization

/// Every instrument of the process, and their state as Prometheus reads it.
///
/// - Source: Prometheus text exposition format 0.0.4.
public final class PrometheusRegistry: MetricsFactory {
    /// One time series: a name and its labels, in the order they were given.
    struct Series: Hashable {
        let name: String
        let labels: [Label]

        struct Label: Hashable {
            let name: String
            let value: String
        }

        init(_ name: String, _ dimensions: [(String, String)]) {
            self.name = name
            labels = dimensions.map { Label(name: $0.0, value: $0.1) }
        }
    }

    private struct State {
        var counters: [Series: CounterInstrument] = [:]
        var gauges: [Series: GaugeInstrument] = [:]
        var histograms: [Series: HistogramInstrument] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Makes a registry the one that the whole process counts in; once.
    public static func bootstrap() -> PrometheusRegistry {
        let registry = PrometheusRegistry()
        MetricsSystem.bootstrap(registry)
        return registry
    }

    private func find<Instrument: Sendable>(
        _ label: String, _ dimensions: [(String, String)],
        _ instruments: WritableKeyPath<State, [Series: Instrument]>, else make: () -> Instrument
    ) -> Instrument {
        let series = Series(label, dimensions)
        return state.withLock { state in
            if let instrument = state[keyPath: instruments][series] { return instrument }
            let instrument = make()
            state[keyPath: instruments][series] = instrument
            return instrument
        }
    }

    public func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        find(label, dimensions, \.counters, else: CounterInstrument.init)
    }

    public func makeFloatingPointCounter(
        label: String, dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        find(label, dimensions, \.counters, else: CounterInstrument.init)
    }

    public func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        find(label, dimensions, \.gauges, else: GaugeInstrument.init)
    }

    /// A recorder that aggregates is a histogram, any other a gauge with its last value.
    public func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        if aggregate { return find(label, dimensions, \.histograms, else: HistogramInstrument.init) }
        return find(label, dimensions, \.gauges, else: GaugeInstrument.init)
    }

    /// A histogram in seconds.
    public func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        find(label, dimensions, \.histograms, else: HistogramInstrument.init)
    }

    // A series that was counted once stays: a counter that comes and goes looks like a restart.
    public func destroyCounter(_ handler: any CounterHandler) {}
    public func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    public func destroyMeter(_ handler: any MeterHandler) {}
    public func destroyRecorder(_ handler: any RecorderHandler) {}
    public func destroyTimer(_ handler: any TimerHandler) {}

    /// Writes every series down, names and labels in order, so that two readings can be compared.
    func write(to text: inout PrometheusText) {
        let (counters, gauges, histograms) = state.withLock { ($0.counters, $0.gauges, $0.histograms) }
        for (series, counter) in sorted(counters) { text.add(.counter, series, counter.value) }
        for (series, gauge) in sorted(gauges) { text.add(.gauge, series, gauge.value) }
        for (series, histogram) in sorted(histograms) { text.add(series, histogram.reading) }
    }

    private func sorted<Instrument>(_ instruments: [Series: Instrument]) -> [(Series, Instrument)] {
        instruments.sorted { left, right in
            (left.key.name, left.key.labels.map(\.value).joined(separator: "\u{0}"))
                < (right.key.name, right.key.labels.map(\.value).joined(separator: "\u{0}"))
        }
        .map { ($0.key, $0.value) }
    }
}
