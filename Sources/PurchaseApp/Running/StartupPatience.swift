import Logging
import SQLCore
import SagaChoreography

/// Waits at the start for a database that is not there yet: after a power cut everything starts at once.
struct StartupPatience: Sendable {
    let limit: Duration
    let logger: Logger
    var pause: @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) }
    var now: @Sendable () -> ContinuousClock.Instant = { .now }

    private static let shortest = Duration.milliseconds(250)
    private static let longest = Duration.seconds(5)

    /// Opens it, again and again while it is unavailable for a reason that may pass.
    ///
    /// - Throws: what `open` throws, at once if waiting does not help; ``SQLError`` `.unavailable` with the last reason after the limit.
    func wait<Opened: Sendable>(for open: @Sendable () async throws -> Opened) async throws -> Opened {
        let begin = now()
        var delay = Self.shortest
        while true {
            do { return try await open() } catch let error as SQLError where error.mayPass {
                let waited = now() - begin
                guard waited < limit else {
                    guard limit > .zero else { throw error }
                    throw SQLError(
                        .unavailable,
                        "\(error.detail); waited \(limit.components.seconds) s for it (STARTUP_PATIENCE)")
                }
                let next = min(delay, limit - waited)
                logger.warning(
                    "the database is not there yet, trying again",
                    metadata: [
                        LogKey.reason: "\(error.detail)", LogKey.waited: "\(Self.seconds(waited)) s",
                        LogKey.resumeAt: "in \(Self.seconds(next)) s",
                        LogKey.limit: "\(limit.components.seconds) s",
                    ])
                try await pause(next)
                delay = min(delay * 2, Self.longest)
            }
        }
    }

    /// With one digit after the point.
    private static func seconds(_ duration: Duration) -> String {
        let tenths = duration.wholeMilliseconds / 100
        return "\(tenths / 10).\(tenths % 10)"
    }
}

extension SQLError {
    /// Whether the database may be there later: a password that is wrong stays so.
    fileprivate var mayPass: Bool {
        code == .unavailable
            && !["password authentication failed", "no pg_hba.conf entry"].contains { detail.contains($0) }
    }
}
