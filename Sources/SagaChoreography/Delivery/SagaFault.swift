/// Why a step did not happen. Unlike a refusal, which is an outcome and commits, a fault rolls back.
public enum SagaFault: Error, Sendable, Equatable {
    /// Store or transport cannot be reached, or a commit's outcome is unknown: the consumer pauses, no attempt counts.
    case unavailable(String)
    /// The store is healthy and the step failed: tried again with backoff, then parked.
    case retryable(String)
    /// Trying again cannot help: parked at once.
    case permanent(Permanent, String)

    /// The kinds of hopeless messages.
    public enum Permanent: String, Sendable, Codable {
        /// A required field is missing, malformed, or of an unknown version.
        case undecodable
        /// An event arrived in a state in which a correct system never sends it (see "alarm" in docs/saga.md): parked, and
        /// audited with severity 5.
        case alarm
        /// A reaction broke its own contract.
        case contract
    }

    /// An event that can only mean a broken promise, such as money captured for an order already undone.
    public static func alarm(_ what: String) -> SagaFault { .permanent(.alarm, what) }

    /// One line for logs and parked messages.
    public var summary: String {
        switch self {
        case .unavailable(let text): "unavailable: \(text)"
        case .retryable(let text): text
        case .permanent(let kind, let text): "\(kind.rawValue): \(text)"
        }
    }
}

/// An error of an adapter that knows which fault it is to the engine.
public protocol FaultConvertible: Error {
    var fault: SagaFault { get }
}

extension SagaFault {
    /// What any error means to the engine: an error nobody classified is retried, then parked, never swallowed.
    public init(_ error: any Error) {
        switch error {
        case let fault as SagaFault: self = fault
        case let error as any FaultConvertible: self = error.fault
        default: self = .retryable(String(describing: error))
        }
    }
}
