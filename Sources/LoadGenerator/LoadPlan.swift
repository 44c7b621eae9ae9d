/// How much load, for how long.
public struct LoadPlan: Sendable {
    /// When requests start.
    public enum Arrival: Sendable, Equatable {
        /// An open model: requests start at this rate a second, whether or not earlier ones were answered; a latency counts from
        /// the moment at which a request was meant to start, so a slow server cannot hide its waiting line.
        case rate(Double)
        /// A closed model: each connection sends its next request as soon as the last was answered.
        case saturation
    }

    /// When requests start.
    public var arrival: Arrival
    /// How long is measured.
    public var duration: Duration
    /// How long requests run before anything is measured.
    public var warmup: Duration
    /// How many connections are kept open; also how many requests are under way at once.
    public var connections: Int
    /// How long the answers of the last requests are waited for.
    public var patience: Duration

    /// Takes what its properties say.
    public init(
        arrival: Arrival, duration: Duration, warmup: Duration = .seconds(2), connections: Int,
        patience: Duration = .seconds(60)
    ) {
        self.arrival = arrival
        self.duration = duration
        self.warmup = warmup
        self.connections = connections
        self.patience = patience
    }
}
