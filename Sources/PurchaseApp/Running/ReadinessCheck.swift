import Logging
import PurchaseAPI
import RedisStreamsAdapter
import SQLCore
import SagaSQL
import Synchronization

/// Whether what this process depends on can be used, and why not: in words that anybody may read; the log has the whole story.
final class ReadinessCheck: Sendable {
    private let databases: ServiceDatabases
    private let streams: RedisStreamsTransport?
    private let patience: Duration
    private let logger: Logger
    private let told = Mutex<[String: String]>([:])

    /// - Parameter patience: how long a check may take.
    init(
        _ databases: ServiceDatabases, _ streams: RedisStreamsTransport?, patience: Duration = .seconds(2),
        logger: Logger
    ) {
        self.databases = databases
        self.streams = streams
        self.patience = patience
        self.logger = logger
    }

    func callAsFunction() async -> Readiness {
        async let store = reason(against: "database") { [databases] in
            _ = try await databases.everywhere { try $0.first("SELECT 1 AS one") != nil }
        }
        guard let streams else { return Readiness(checks: ["database": await store]) }
        async let redis = reason(against: "redis") { try await streams.ping() }
        let checks = ["database": await store, "redis": await redis]
        let refused = streams.refusals.keys.sorted().map(\.name)
        guard checks["redis"] == .some(nil), !refused.isEmpty else { return Readiness(checks: checks) }
        let what = "refuses events of \(refused.joined(separator: ", "))"
        return Readiness(checks: checks.merging(["redis": what]) { $1 })
    }

    private func reason(against name: String, _ use: @escaping @Sendable () async throws -> Void) async -> String? {
        let story: String
        let reason: String
        switch await result(of: Task { try await use() }, within: patience) {
        case .success?:
            if told.withLock({ $0.removeValue(forKey: name) }) != nil {
                logger.notice("a dependency can be used again", metadata: [LogKey.source: "\(name)"])
            }
            return nil
        case .failure(let error as SQLError)?: (reason, story) = (Self.reason(error), error.detail)
        case .failure(let error as RedisAdapterError)?: (reason, story) = (Self.reason(error), error.description)
        case .failure(let error)?: (reason, story) = ("cannot be used", "\(error)")
        case nil: (reason, story) = ("does not answer in time", "no answer within \(patience)")
        }
        // Asked every few seconds: once says it.
        if told.withLock({ $0.updateValue(reason, forKey: name) }) != reason {
            logger.warning(
                "a dependency cannot be used", metadata: [LogKey.source: "\(name)", LogKey.reason: "\(story)"])
        }
        return reason
    }

    /// The server's own words, in the order in which they are looked for, and ours.
    private static let known: [(theirs: String, ours: String)] = [
        ("password authentication failed", "refuses the login"), ("no pg_hba.conf entry", "refuses the login"),
        ("starting up", "is starting"), ("shutting down", "is shutting down"),
        ("recovery mode", "recovers from a crash"),
        ("too many clients", "has no connection free"), ("connection slots", "has no connection free"),
        ("none of", "every connection of this process is in use"), ("does not exist", "does not exist"),
        ("not currently accepting", "accepts no connections"),
        ("certificate", "shows a certificate that is not trusted"),
        ("SSL", "cannot be reached over TLS"), ("42501", "refuses what this role may not do"),
        ("timeout", "does not answer in time"), ("no answer", "does not answer in time"),
    ]

    static func reason(_ error: SQLError) -> String {
        known.first { error.detail.contains($0.theirs) }?.ours
            ?? (error.code == .unavailable ? "cannot be reached" : "cannot be used (\(error.code.rawValue))")
    }

    static func reason(_ error: RedisAdapterError) -> String {
        switch error.code {
        case .unreachable: "cannot be reached"
        case .refused: "refuses the login"
        case .misconfigured where error.description.contains("maxmemory-policy"):
            "would forget events when its memory is full: maxmemory-policy has to be noeviction"
        case .otherPartitions: "holds streams of another number of partitions"
        case .misconfigured: "is configured in a way that this process cannot use"
        case .failed where error.description.contains("replica"): "is a replica, the primary is needed"
        case .failed where error.description.contains("LOADING"): "is loading its data"
        case .failed where error.description.contains("OOM"): "has no memory left"
        case .failed: "answers with an error"
        }
    }
}
