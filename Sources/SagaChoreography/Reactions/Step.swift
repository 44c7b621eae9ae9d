import FoundationEssentials

/// What a reaction has at hand: the open transaction, the time, fresh ids. Valid only inside the call it is passed to
/// (it is not `Sendable`, so it cannot be kept or carried into another task).
public struct Step<Transaction> {
    /// The open transaction; whatever a reaction changes, it changes here.
    public let transaction: Transaction
    /// One reading of the clock for the whole transaction; bind it, never call a clock in SQL.
    public let now: Timestamp
    /// Where ids of new rows come from.
    public let ids: any IDGenerator
    /// The events being handled, in the order in which a reaction receives them: one, or several for a
    /// ``BatchReaction``; none for a command.
    public let handling: [Envelope]
    /// Who asked for a command; `nil` for what nobody outside asked for.
    public let origin: RequestOrigin?
    /// Whether somebody decides by what the reaction replies, as a person does who looks at a parked message. Where nobody does, a reaction
    /// may reply that it applied an event that changed nothing, instead of waiting to hear whether it did.
    public let isDecisive: Bool
    /// Whether what is nearly always so may be supposed instead of looked up, see ``WrongSupposition``.
    public let maySuppose: Bool

    /// Takes what its properties say.
    public init(
        transaction: Transaction, now: Timestamp, ids: any IDGenerator, handling: [Envelope] = [],
        origin: RequestOrigin? = nil, isDecisive: Bool = false, maySuppose: Bool = false
    ) {
        self.origin = origin
        self.isDecisive = isDecisive
        self.maySuppose = maySuppose
        self.transaction = transaction
        self.now = now
        self.ids = ids
        self.handling = handling
    }

    func handling(_ envelopes: [Envelope]) -> Step {
        Step(
            transaction: transaction, now: now, ids: ids, handling: envelopes, isDecisive: isDecisive,
            maySuppose: maySuppose)
    }
}
