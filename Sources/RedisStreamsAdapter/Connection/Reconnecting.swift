/// When to try again after a connection failed: soon at first, then less often, and never all processes at once.
struct Reconnecting {
    private var failures = 0
    private static let first = Duration.milliseconds(50)
    private static let longest = Duration.seconds(2)

    /// After a success the next failure is the first one again.
    mutating func succeeded() { failures = 0 }

    /// The pause after one more failure: half of it fixed, half of it random.
    ///
    /// - Parameter chance: from 0 to below 1.
    mutating func pause(chance: Double = .random(in: 0..<1)) -> Duration {
        let full = min(Self.longest, Self.first * (1 << min(failures, 10)))
        failures += 1
        return full / 2 + full / 2 * chance
    }
}
