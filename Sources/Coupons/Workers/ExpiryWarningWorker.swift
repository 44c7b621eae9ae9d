import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Warns owners of copies three days before they expire, in batches.
public struct ExpiryWarningWorker: Activity {
    public let name = "coupons.expiry-warning-worker"
    /// Nothing: a warning is no matter of seconds.
    public var wakesOn: Set<EventType> { [] }

    private let context: ServiceContext
    private let limit: Int

    /// - Parameter limit: how many owners one transaction warns, an event each.
    public init(_ context: ServiceContext, limit: Int = 200) {
        self.context = context
        self.limit = limit
    }

    public func poll() async throws -> Progress {
        let now = context.clock.now()
        let next = try await context.database.read { try UserCouponStore($0).nextWarning(after: now) }
        guard let next, next <= now else {
            let latest = now + ExpiryWorker.longestPause
            return .idle(wakeAt: next.map { min(max($0, now + ExpiryWorker.gathering), latest) } ?? latest)
        }
        _ = try await context.commands.run(WarnOfExpiry(limit: limit))
        return .worked
    }
}
