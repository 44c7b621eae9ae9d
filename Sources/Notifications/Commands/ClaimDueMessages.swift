import SagaChoreography
import SagaSQL

/// Leases messages that are due to one worker.
public struct ClaimDueMessages: Command {
    public static let id: ReactionID = "notifications.claim-due"
    let channel: String
    let limit: Int
    let lease: Duration

    /// - Parameters:
    ///   - channel: the channel that the worker sends by.
    ///   - limit: how many at most, oldest due first.
    ///   - lease: how long no other worker takes them.
    public init(channel: String, limit: Int, lease: Duration) {
        self.channel = channel
        self.limit = limit
        self.lease = lease
    }

    public func execute(in step: SQLStep) throws -> Decision<[NotificationMessage], Never> {
        Decision(try MessageStore(step).claimDue(by: channel, limit: limit, until: step.now + lease))
    }
}
