/// Told how calls of the gateway fare, to be counted.
public protocol GatewayWatch: Sendable {
    func called(_ operation: GatewayOperation, _ outcome: GatewayOutcome)
    /// The gateway is left alone from now on, or no longer.
    func rests(_ isResting: Bool)
}

/// What was asked.
public enum GatewayOperation: String, Sendable, CaseIterable {
    case charge
    case lookUp = "look_up"
    case refund
}

/// How a call ended.
public enum GatewayOutcome: String, Sendable, CaseIterable {
    /// With an explicit yes or no.
    case decided
    /// Without either: the outcome is open.
    case open
    /// It was not made, for the gateway is left alone.
    case notAsked = "not_asked"
}
