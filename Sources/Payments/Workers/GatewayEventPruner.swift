import SagaChoreography
import SagaSQL

/// Keeps the table of the gateway's events as small as what may still come again. An event that comes even later is harmless:
/// the payment's row knows what it says.
public struct GatewayEventPruner: Activity {
    public let name = "payments.gateway-event-pruner"
    public let wakesOn: Set<EventType> = []

    private static let limit = 500
    private let context: ServiceContext
    private let age: Duration
    private let interval: Duration

    /// - Parameters:
    ///   - age: how long an event is remembered.
    ///   - interval: from one look to the next.
    public init(_ context: ServiceContext, age: Duration = .seconds(7 * 86_400), interval: Duration = .seconds(600)) {
        self.context = context
        self.age = age
        self.interval = interval
    }

    public func poll() async throws -> Progress {
        let removed = try await context.commands.run(PruneGatewayEvents(age: age, limit: Self.limit))
        return removed >= Self.limit ? .worked : .idle(wakeAt: context.clock.now() + interval)
    }
}
