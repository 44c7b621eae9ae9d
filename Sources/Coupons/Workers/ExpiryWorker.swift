import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Labels copies whose time has passed, in batches.
public struct ExpiryWorker: Activity {
    public let name = "coupons.expiry-worker"
    /// Nothing: a copy is shown as expired before it is labelled so.
    public var wakesOn: Set<EventType> { [] }

    /// Copies that expire within this time of each other are labelled together.
    static let gathering = Duration.seconds(60)
    /// It looks at least this often: copies that were issued meanwhile may expire earlier than all others.
    static let longestPause = Duration.seconds(3600)

    private let context: ServiceContext
    private let limit: Int

    /// - Parameter limit: how many copies one transaction labels.
    public init(_ context: ServiceContext, limit: Int = 500) {
        self.context = context
        self.limit = limit
    }

    public func poll() async throws -> Progress {
        let next = try await context.database.read { try UserCouponStore($0).nextExpiry() }
        let now = context.clock.now()
        guard let next, next <= now else { return .idle(wakeAt: wakeTime(for: next, after: now)) }
        _ = try await context.commands.run(ExpireCopies(limit: limit))
        return .worked
    }

    private func wakeTime(for next: Timestamp?, after now: Timestamp) -> Timestamp {
        let latest = now + Self.longestPause
        return next.map { min(max($0, now + Self.gathering), latest) } ?? latest
    }
}
