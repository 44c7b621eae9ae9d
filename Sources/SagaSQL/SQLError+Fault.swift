import SQLCore
import SagaChoreography

/// What a database error means to the engine: trouble of the store pauses a consumer and counts no attempt, an error of the
/// step itself counts.
extension SQLError: FaultConvertible {
    /// `.unavailable` for trouble of the store, `.retryable` for trouble of the step.
    public var fault: SagaFault {
        switch code {
        case .unavailable, .busy, .locked, .corrupt: .unavailable(description)
        case .constraint, .misuse, .shape, .migration: .retryable(description)
        }
    }
}
