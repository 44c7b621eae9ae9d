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

    /// What became of one attempt. A reason is one line without personal data.
    public enum Ending: Sendable, Hashable {
        case sent
        /// It may work later: so long after the recording it is tried again.
        case failed(String, retryAfter: Duration)
        /// It will never work.
        case refused(String)
        /// This channel cannot reach the user.
        case unaddressed(String)
    }

    /// One attempt to send a message.
    public struct Sending: Sendable {
        public let message: NotificationMessage
        public let ending: Ending

        public init(_ message: NotificationMessage, _ ending: Ending) {
            self.message = message
            self.ending = ending
        }
    }

    /// - Returns: how many were recorded as sent.
    public func execute(in step: SQLStep) throws -> Decision<Int, Never> {
        let messages = MessageStore(step)
        // Ascending, so that two workers change the same rows in the same order.
        let sent = try messages.markSent(
            sendings.filter { $0.ending == .sent }.map(\.message).sorted { $0.id.precedes($1.id) })
        for sending in sendings.sorted(by: { $0.message.id.precedes($1.message.id) }) {
            let message = sending.message
            switch sending.ending {
            case .sent: continue
            case .failed(let why, let pause) where message.attempts + 1 < maxAttempts:
                try messages.postpone(message, until: step.now + pause, because: why)
            case .failed(let why, _), .refused(let why):
                if try messages.giveUp(message, because: why) {
                    try AuditLog.write(Self.record(of: message, why), in: step)
                }
            case .unaddressed(let why):
                _ = try messages.skip(message, because: why)
            }
        }
        return Decision(sent)
    }

    private static func record(of message: NotificationMessage, _ error: String) -> AuditRecord {
        AuditRecord(
            service: NotificationsParticipant.service, action: "notifications.give-up", resource: "notification",
            resourceID: message.id.uuidString.lowercased(), actor: nil, status: .failed, severity: .high,
            details: ["channel": message.channel, "template": message.template.rawValue, "error": error],
            correlationID: message.orderID?.uuid)
    }
}
