import SQLCore
import SagaChoreography

/// A step on an SQL database.
public typealias SQLStep = Step<any SQLTransaction>
/// A service whose data is in an SQL database.
public typealias SQLParticipant = Participant<any SQLTransaction>
