import SagaChoreography

/// What can go wrong in a simulated run.
public enum FaultKind: String, Sendable, Hashable, CaseIterable {
    /// A delivery comes late, by minutes at most, and so in another order.
    case delay
    /// A delivery comes twice.
    case duplicate
    /// A group never gets an entry that the transport had accepted.
    case loss
    /// The transport forgets everything it held.
    case flush
    /// The transport cannot be reached for a while.
    case outage
    /// The transport does what it is asked, and its answer is lost.
    case silence
    /// A statement fails as in a store that is in trouble.
    case statement
    /// A statement fails on a healthy store, as by a mistake of the step: counted, so a few in a run at most.
    case step
    /// The store cannot be reached for a while.
    case storeAway
    /// A commit succeeds and its answer is lost.
    case commitUnknown
    /// A commit fails, and the caller cannot know.
    case commitLost
    /// A process ends at once and begins anew.
    case crash
    /// The clock of a process jumps.
    case clockJump
    /// A message can never be read by the one it is for.
    case poison
    /// An outside service answers late, not at all, or only after it did the work.
    case outside
    /// A task that could go on lets others go first.
    case interleave
}

/// Which faults a run may have, how often, and until when.
public struct FaultPlan: Sendable, Hashable {
    /// The name of the plan it began as, see ``named``.
    public let name: String
    /// Chance of each fault at each opportunity, in millionths.
    public var rates: [FaultKind: Int]
    /// Only so many faults happen at all, the first ones: for finding the one that matters.
    public var limit: Int
    /// Numbers of faults that do not happen, counted over all kinds in the order of the run.
    public var skipped: Set<Int>
    /// The longest delay of a delivery.
    public var longestDelay: Duration

    /// A plan; see its properties.
    public init(
        _ name: String, rates: [FaultKind: Int], limit: Int = .max, skipped: Set<Int> = [],
        longestDelay: Duration = .seconds(180)
    ) {
        self.name = name
        self.rates = rates
        self.limit = limit
        self.skipped = skipped
        self.longestDelay = longestDelay
    }

    /// Nothing goes wrong; only who goes first is left to the seed.
    public static let none = FaultPlan("none", rates: [.interleave: 300_000])

    /// The network does its worst, everything else is well.
    public static let network = FaultPlan(
        "network",
        rates: [
            .delay: 200_000, .duplicate: 150_000, .loss: 15_000, .flush: 1_000, .outage: 1_500, .silence: 5_000,
            .interleave: 300_000,
        ])

    /// Stores fail and processes crash, the network is well.
    public static let storage = FaultPlan(
        "storage",
        rates: [
            .statement: 8_000, .step: 2_000, .storeAway: 1_500, .commitUnknown: 8_000, .commitLost: 8_000,
            .crash: 3_000,
            .clockJump: 1_000, .interleave: 300_000,
        ])

    /// Everything at once.
    public static let all = FaultPlan(
        "all",
        rates: [
            .delay: 120_000, .duplicate: 100_000, .loss: 8_000, .flush: 700, .outage: 800, .silence: 3_000,
            .statement: 4_000, .step: 1_000, .storeAway: 700, .commitUnknown: 4_000, .commitLost: 4_000, .crash: 1_500,
            .clockJump: 700, .poison: 25_000, .outside: 150_000, .interleave: 300_000,
        ])

    /// The plans by name.
    public static let named: [String: FaultPlan] = Dictionary(
        uniqueKeysWithValues: [none, network, storage, all].map { ($0.name, $0) })

    /// The plan without some kinds of faults.
    public func without(_ kinds: some Sequence<FaultKind>) -> FaultPlan {
        var plan = self
        for kind in kinds { plan.rates[kind] = 0 }
        return plan
    }

    /// The kinds that can happen, in a fixed order.
    public var kinds: [FaultKind] { FaultKind.allCases.filter { (rates[$0] ?? 0) > 0 } }
}
