import SagaChoreography

/// How failed logins slow further ones down: five are free, then each doubles the pause, up to a quarter of an hour. Who
/// keeps quiet for that long starts afresh.
enum LoginThrottle {
    static let free: Int64 = 5
    static let first = Duration.seconds(2)
    static let longest = Duration.seconds(900)
    /// Failures from which on the audit row is one of high severity.
    static let alarming: Int64 = 5

    /// How long after the latest of so many failures the next attempt is let through.
    static func pause(after failures: Int64) -> Duration {
        guard failures >= free else { return .zero }
        return min(first * (1 << min(failures - free, 20)), longest)
    }
}
