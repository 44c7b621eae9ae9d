import SagaChoreography
import SagaSQL

/// Leases messages that are due to one worker.
public struct ClaimDueMessages: Command {
    public static let id: ReactionID = "notifications.claim-due"
    let channels: [String]
    let limit: Int
    let lease: Duration

    /// - Parameters:
    ///   - channels: the channels that the worker can send by.
    ///   - limit: how many at most, oldest due first.
    ///   - lease: how long no other worker takes them.
    public init(channels: [String], limit: Int, lease: Duration) {
        self.channels = channels
        self.limit = limit
        self.lease = lease
    }

    public func execute(in step: SQLStep) throws -> Decision<[NotificationMessage], Never> {
        Decision(try MessageStore(step).claimDue(by: channels, limit: limit, until: step.now + lease))
    }
}
