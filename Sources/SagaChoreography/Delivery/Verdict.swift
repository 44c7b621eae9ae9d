/// What the engine does with a batch or message that faulted: the rule, apart from any I/O.
public enum Verdict: Sendable, Equatable {
    /// The store or transport is away: nothing counts, everything waits.
    case pause
    /// More than one message: find the faulty one by delivering them one by one.
    case deliverOneByOne
    /// Keep it and try again later; `attempts` faults so far.
    case retry(attempts: Int)
    /// Put it aside for a person.
    case park(attempts: Int)

    /// - Parameters:
    ///   - messages: how many were in the transaction that faulted.
    ///   - earlierAttempts: faults of this message before; 0 for a batch.
    public init(_ fault: SagaFault, messages: Int, earlierAttempts: Int, policy: RetryPolicy) {
        if case .unavailable = fault {
            self = .pause
        } else if messages > 1 {
            self = .deliverOneByOne
        } else if case .permanent = fault {
            self = .park(attempts: earlierAttempts + 1)
        } else if earlierAttempts >= policy.retries {
            self = .park(attempts: earlierAttempts + 1)
        } else {
            self = .retry(attempts: earlierAttempts + 1)
        }
    }
}
