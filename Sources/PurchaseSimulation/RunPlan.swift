import SagaTesting

/// Where the services run and how events travel.
public enum Topology: String, Sendable, Hashable, CaseIterable {
    /// One process; the outbox itself is the transport.
    case embedded
    /// One process; a relay carries the outbox to a broker.
    case relayed
    /// Two processes for each service and two relays, with a broker between them.
    case replicated
}

/// Everything that decides a run: the same plan is the same run.
public struct RunPlan: Sendable, Hashable {
    /// Decides what is left open here.
    public var seed: UInt64
    /// What goes wrong.
    public var faults: FaultPlan
    /// `nil`: the seed decides.
    public var topology: Topology?
    /// How many orders customers try to place.
    public var orders: Int
    /// Orders that are left out, from 1; the others stay as they are.
    public var dropped: Set<Int>
    /// Whether orders are all that customers and staff do: no cancelling, no deposits, no edits.
    public var isPlain: Bool
    /// All invariants are checked after so many commits each.
    public var checkInterval: Int

    /// A plan with everything that a seed can bring.
    public init(
        seed: UInt64, faults: FaultPlan = .all, topology: Topology? = nil, orders: Int = 12, dropped: Set<Int> = [],
        isPlain: Bool = false, checkInterval: Int = 250
    ) {
        self.seed = seed
        self.faults = faults
        self.topology = topology
        self.orders = orders
        self.dropped = dropped
        self.isPlain = isPlain
        self.checkInterval = checkInterval
    }

    /// Where the services run in this run.
    public var effectiveTopology: Topology { topology ?? Topology.allCases[Int(seed % 3)] }
}
