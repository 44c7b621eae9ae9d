import Payments
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting

/// A mistake planted on purpose, to see whether the simulation finds it. The product's own code stays as it is: what differs
/// is a statement on its way to the database, a reaction, or a port.
public struct Planted: Sendable {
    /// Changes a statement before it runs, or leaves it out.
    public var statement: (@Sendable (SQLStatement) -> SQLStatement?)?
    /// Replaces reactions.
    public var participants: @Sendable ([SQLParticipant]) -> [SQLParticipant]
    /// Replaces the gateway as the payment workers see it.
    public var gateway: @Sendable (any PaymentGateway) -> any PaymentGateway
    /// Changes what the gateway tells of its own accord.
    public var notice: @Sendable (GatewayEvent) -> GatewayEvent
    /// Replaces the sending side of the broker.
    public var publisher: @Sendable (any EventPublisher) -> any EventPublisher
    /// Replaces the receiving side of the transport.
    public var transport: @Sendable (any EventTransport<any SQLTransaction>) -> any EventTransport<any SQLTransaction>
    /// Replaces what drives the system in one process.
    public var activities: @Sendable ([any Activity], any SQLDatabase, any SagaClock) -> [any Activity]

    /// Nothing is planted.
    public init() {
        participants = { $0 }
        gateway = { $0 }
        notice = { $0 }
        publisher = { $0 }
        transport = { $0 }
        activities = { activities, _, _ in activities }
    }
}
