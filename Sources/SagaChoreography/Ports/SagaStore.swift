import FoundationEssentials

/// Transactions, and the engine's own rows in them: outbox, inbox, retries, parked messages.
public protocol SagaStore<Transaction>: Sendable {
    associatedtype Transaction

    /// Runs `body` in one transaction: all of it commits, or nothing.
    ///
    /// - Throws: what `body` throws; ``SagaFault`` `.unavailable` if the store is away or the commit's outcome is unknown.
    func transaction<Result: Sendable>(
        _ body: @escaping @Sendable (Transaction) throws -> Result
    ) async throws -> Result

    /// Adds events to the outbox.
    func append(_ envelopes: [Envelope], in transaction: Transaction) throws

    /// Notes that `group` handles these events; returns the ones it had noted before.
    func noteInbox(_ events: [Envelope], for group: ServiceID, at now: Timestamp, in transaction: Transaction) throws
        -> Set<UUID>

    /// Retries of `group` that are due, oldest first, and when the next one after them will be.
    func dueRetries(for group: ServiceID, at now: Timestamp, limit: Int) async throws -> DueRetries

    /// Keeps a faulted message for later.
    func keep(_ retry: Retry, for group: ServiceID, in transaction: Transaction) throws

    /// Takes a kept message back, because it was handled or parked.
    func forget(_ retry: Retry, for group: ServiceID, in transaction: Transaction) throws

    /// Takes a kept message back because it was handled; whoever asked for that learns how it ended.
    func handled(
        _ retry: Retry, as report: DeliveryReport, for group: ServiceID, at now: Timestamp, in transaction: Transaction)
        throws

    /// Puts a hopeless message aside for a person (dead letter); an alarm is audited with severity 5 as well.
    func park(
        _ retry: Retry, because fault: SagaFault, for group: ServiceID, at now: Timestamp, in transaction: Transaction)
        throws
}

extension SagaStore {
    /// Nobody asked: it is only taken back.
    public func handled(
        _ retry: Retry, as report: DeliveryReport, for group: ServiceID, at now: Timestamp, in transaction: Transaction
    ) throws { try forget(retry, for: group, in: transaction) }
}

/// A message that faulted on a healthy store.
public struct Retry: Sendable, Hashable {
    /// The message, kept whole: the transport forgets it once it is kept here.
    public let envelope: Envelope
    /// Deliveries that faulted so far.
    public let attempts: Int
    /// When it is to be tried again, at the earliest.
    public let dueAt: Timestamp
    /// The last fault, one line.
    public let reason: String

    /// Takes what its properties say.
    public init(envelope: Envelope, attempts: Int, dueAt: Timestamp, reason: String) {
        self.envelope = envelope
        self.attempts = attempts
        self.dueAt = dueAt
        self.reason = reason
    }
}

/// What is due, and when to look again.
public struct DueRetries: Sendable {
    /// Retries whose time has come, oldest first.
    public let due: [Retry]
    /// When the first retry after these will be due; `nil` if there is none.
    public let nextDueAt: Timestamp?

    /// Takes what its properties say.
    public init(due: [Retry], nextDueAt: Timestamp?) {
        self.due = due
        self.nextDueAt = nextDueAt
    }
}
