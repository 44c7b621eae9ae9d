import SagaChoreography
import SagaSQL

/// Keeps the tables of failed logins and revoked tokens as small as what still counts.
public struct AccessPruner: Activity {
    public let name = "users.access-pruner"
    public let wakesOn: Set<EventType> = []

    private static let limit = 500
    private let context: ServiceContext
    private let interval: Duration

    /// - Parameter interval: from one look to the next.
    public init(_ context: ServiceContext, interval: Duration = .seconds(60)) {
        self.context = context
        self.interval = interval
    }

    public func poll() async throws -> Progress {
        let removed = try await context.commands.run(PruneAccess(limit: Self.limit))
        return removed >= Self.limit ? .worked : .idle(wakeAt: context.clock.now() + interval)
    }
}
