/// The text that Prometheus reads: for each name its help and type once, then its series.
///
/// - Source: Prometheus text exposition format 0.0.4.
struct PrometheusText {
    enum Kind: String { case counter, gauge, histogram }

    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""
    private var described: Set<String> = []

    mutating func add(_ kind: Kind, _ series: PrometheusRegistry.Series, _ value: Double) {
        describe(series.name, kind)
        line(series.name, series.labels, value)
    }

    /// A histogram: each bucket counts what the smaller ones do as well.
    mutating func add(_ series: PrometheusRegistry.Series, _ histogram: HistogramInstrument.Reading) {
        describe(series.name, .histogram)
        var total: UInt64 = 0
        for (index, count) in histogram.counts.enumerated() {
            total += count
            let bounds = HistogramInstrument.bounds
            let bound = index < bounds.count ? Self.number(bounds[index]) : "+Inf"
            line("\(series.name)_bucket", series.labels + [.init(name: "le", value: bound)], Double(total))
        }
        line("\(series.name)_sum", series.labels, histogram.sum)
        line("\(series.name)_count", series.labels, Double(total))
    }

    private mutating func describe(_ name: String, _ kind: Kind) {
        guard described.insert(name).inserted else { return }
        if let help = MetricNames.help[name] { text += "# HELP \(name) \(help)\n" }
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    private mutating func line(_ name: String, _ labels: [PrometheusRegistry.Series.Label], _ value: Double) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value))\"" }.joined(separator: ",") + "}"
        }
        text += " \(Self.number(value))\n"
    }

    private static func escaped(_ value: String) -> String {
        var result = ""
        for character in value.unicodeScalars {
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.unicodeScalars.append(character)
            }
        }
        return result
    }

    /// Whole numbers without a fraction.
    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        return value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }
}
