import SagaChoreography

/// What went wrong between this process and Redis: where, and why. Never shows a password.
public struct RedisAdapterError: Error, Sendable, Equatable, FaultConvertible, CustomStringConvertible {
    /// The kinds of trouble, for whoever must tell "wait" from "correct the configuration".
    public enum Code: Sendable {
        /// No connection, or none any more: waiting may help.
        case unreachable
        /// Redis does not let us in: a wrong user, password or database.
        case refused
        /// The configuration is wrong, or does not fit what is stored in Redis.
        case misconfigured
        /// Redis holds streams of another number of partitions; no configuration of ours makes that right by itself.
        case otherPartitions
        /// Redis answered with an error, or with something that this adapter does not understand.
        case failed
    }

    /// The kind of trouble.
    public let code: Code
    /// One line: the address and the cause.
    public let description: String

    init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }

    /// To the engine all of it means: pause, count no attempt.
    public var fault: SagaFault { .unavailable(description) }
}
