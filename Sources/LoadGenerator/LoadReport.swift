import Histogram

/// What a load measured.
public struct LoadReport: Sendable, Codable {
    /// Latencies of one kind of request, in microseconds.
    public struct Latency: Sendable, Codable, Equatable {
        /// How many were measured.
        public let count: UInt64
        public let p50: UInt64
        public let p90: UInt64
        public let p99: UInt64
        public let p999: UInt64
        public let max: UInt64

        init(_ histogram: Histogram<UInt64>) {
            count = histogram.totalCount
            p50 = histogram.valueAtPercentile(50)
            p90 = histogram.valueAtPercentile(90)
            p99 = histogram.valueAtPercentile(99)
            p999 = histogram.valueAtPercentile(99.9)
            max = histogram.totalCount == 0 ? 0 : histogram.max
        }
    }

    /// Seconds that were measured.
    public let seconds: Double
    /// Answers in that time, all kinds.
    public let answers: Int
    /// Answers a second.
    public var rate: Double { seconds > 0 ? Double(answers) / seconds : 0 }
    /// By label, such as `POST /orders`.
    public let latencies: [String: Latency]
    /// Answers by status.
    public let statuses: [String: Int]
    /// Requests that got no answer, by what happened.
    public let failures: [String: Int]
    /// Requests that were due and not sent, because no connection was free until the end.
    public let unsent: Int
}
