import FoundationEssentials

/// How a service answers one kind of event, in one database transaction.
///
/// A reaction is synchronous on purpose: nothing can be awaited inside a transaction, so no remote call can hide in one
/// (docs/adr/0003). Deduplication comes from the service's state row; set ``usesInbox`` where there is none.
public protocol Reaction<Transaction>: Sendable {
    associatedtype Transaction
    associatedtype Input: Event
    associatedtype Accepted: Emission
    associatedtype Rejected: Emission

    /// Unique and stable: `service.verb-object`.
    static var id: ReactionID { get }

    /// Whether the engine keeps an inbox row for each event, because no state row deduplicates this reaction.
    static var usesInbox: Bool { get }

    /// How long an event may wait before the reaction is woken for it: nobody needs what it does at once, and what comes meanwhile
    /// shares its transaction. Zero, unless the reaction says otherwise.
    static var patience: Duration { get }

    /// Changes this service's rows and says what to emit.
    ///
    /// - Throws: ``SagaFault`` or any error, which rolls back (see ``SagaFault/init(_:)``).
    func react(to event: Input, in step: Step<Transaction>) throws -> Reply<Accepted, Rejected>
}

extension Reaction {
    /// Its event is of interest at once.
    public static var patience: Duration { .zero }

    /// A state row deduplicates, unless the reaction says otherwise.
    public static var usesInbox: Bool { false }
}

/// A hot reaction that takes all events of a delivered batch at once, with set-based SQL.
///
/// The engine never puts two events of one subject into the same call. If the batch faults, its events are delivered one by
/// one, so this must also work for a single event.
public protocol BatchReaction<Transaction>: Reaction {
    // Restated, so that they are inferred from `react(toAll:in:)`.
    associatedtype Transaction
    associatedtype Input
    associatedtype Accepted
    associatedtype Rejected

    /// - Returns: one reply for each event, in the order of `events`.
    func react(toAll events: [Input], in step: Step<Transaction>) throws -> [Reply<Accepted, Rejected>]
}

extension BatchReaction {
    /// See ``Reaction``.
    public func react(to event: Input, in step: Step<Transaction>) throws -> Reply<Accepted, Rejected> {
        let replies = try react(toAll: [event], in: step)
        guard replies.count == 1 else {
            throw SagaFault.permanent(.contract, "\(Self.id) gave \(replies.count) replies to one event")
        }
        return replies[0]
    }
}

/// Batch reactions to several event types of which one call can take all: what happens to a subject by two or three events then happens to
/// its row once.
///
/// Reactions of one participant with the same ``family`` are given their events of a delivered batch together. A subject has at most one event
/// of each type in a call. Whoever has nothing else to do waits a moment until there is one of each.
public protocol JointReaction<Transaction>: BatchReaction {
    // Restated, so that they are inferred.
    associatedtype Transaction
    associatedtype Input
    associatedtype Accepted
    associatedtype Rejected

    /// What the reactions that take their events together have in common.
    static var family: ReactionID { get }

    /// - Parameter events: of the types to which the family's reactions react.
    /// - Returns: one reply for each event, in order. What the family's members may emit is the same.
    static func react(together events: [any Event], in step: Step<Transaction>) throws -> [Reply<Accepted, Rejected>]
}

extension JointReaction {
    /// So long it waits for one event of each of the family's types; with the last of them it waits no more.
    public static var patience: Duration { .milliseconds(5) }

    /// See ``BatchReaction``.
    public func react(toAll events: [Input], in step: Step<Transaction>) throws -> [Reply<Accepted, Rejected>] {
        try Self.react(together: events, in: step)
    }
}

/// A reaction that undoes another by a delta. It must leave a tombstone when it comes before what it undoes.
public protocol Compensation<Transaction>: Reaction {
    /// The reactions whose effect this one takes back.
    static var undoes: [ReactionID] { get }
}

/// A step that takes something which must be given back when the saga fails. The graph demands a ``Compensation`` for it.
public protocol Compensable: Reaction {}
