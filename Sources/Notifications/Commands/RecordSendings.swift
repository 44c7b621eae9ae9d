import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Records what became of a batch of sendings.
public struct RecordSendings: Command {
    public static let id: ReactionID = "notifications.record-sendings"
    let sendings: [Sending]
    let maxAttempts: Int

    /// - Parameter maxAttempts: after so many failures a message is given up.
    public init(_ sendings: [Sending], maxAttempts: Int) {
        self.sendings = sendings
        self.maxAttempts = maxAttempts
    }

    /// One attempt to send a message.
    public struct Sending: Sendable {
        public let message: NotificationMessage
        /// What went wrong, one line without personal data; `nil` if it was sent.
        public let error: String?
        /// How long after the recording to try again.
        public let retryAfter: Duration

        public init(_ message: NotificationMessage, error: String?, retryAfter: Duration) {
            self.message = message
            self.error = error
            self.retryAfter = retryAfter
        }
    }

    /// - Returns: how many were recorded as sent.
    public func execute(in step: SQLStep) throws -> Decision<Int, Never> {
        let messages = MessageStore(step)
        var sent = 0
        for sending in sendings.sorted(by: { $0.message.id.precedes($1.message.id) }) {
            guard let error = sending.error else {
                if try messages.markSent(sending.message) { sent += 1 }
                continue
            }
            if sending.message.attempts + 1 < maxAttempts {
                try messages.postpone(sending.message, until: step.now + sending.retryAfter, because: error)
            } else if try messages.giveUp(sending.message, because: error) {
                try AuditLog.write(Self.record(of: sending.message, error), in: step)
            }
        }
        return Decision(sent)
    }

    private static func record(of message: NotificationMessage, _ error: String) -> AuditRecord {
        AuditRecord(
            service: NotificationsParticipant.service, action: "notifications.give-up", resource: "notification",
            resourceID: message.id.uuidString.lowercased(), actor: nil, status: .failed, severity: .high,
            details: ["channel": message.channel, "template": message.template.rawValue, "error": error],
            correlationID: message.orderID.uuid)
    }
}
