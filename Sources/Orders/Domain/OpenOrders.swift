import SagaChoreography

/// Orders of one status that are not over.
public struct OpenOrders: Sendable, Equatable {
    public let count: Int64
    /// When the oldest of them was ordered.
    public let oldest: Timestamp
}
