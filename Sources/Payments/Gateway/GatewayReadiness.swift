import SagaChoreography

/// Whether a gateway is worth asking now.
public enum GatewayReadiness: Sendable, Hashable {
    case ready
    /// It failed lately: one call finds out whether it is back.
    case probing
    /// It failed lately: no call before then. Nothing is committed to meanwhile, so that an order can be cancelled at once.
    case resting(until: Timestamp)
}

/// Where a gateway keeps its book of charges.
public enum GatewayBook: String, Sendable, Hashable, CaseIterable {
    /// In this database, as the simulated gateway does: checks compare it with the payments.
    case here
    /// With whoever runs the gateway: checks have only what it answered.
    case elsewhere
}
