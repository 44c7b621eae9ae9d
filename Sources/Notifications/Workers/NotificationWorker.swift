import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Sends the messages that are due: leases them, sends them, records what became of it. A crash between sending and
/// recording repeats a message, with the same id.
public struct NotificationWorker: Activity {
    public let name = "notifications.worker"
    public let wakesOn: Set<EventType> = [OrderCompleted.type, OrderFailed.type, OrderCancelled.type]
    public let follows: ServiceID? = NotificationsParticipant.service

    private let context: ServiceContext
    private let notifiers: [String: any Notifier]
    private let channels: [String]
    private let limit: Int
    private let lease: Duration
    private let maxAttempts: Int
    private let backoff = RetryPolicy(first: .seconds(1), longest: .seconds(60))

    /// - Parameters:
    ///   - notifiers: one for each channel.
    ///   - limit: messages a poll.
    ///   - lease: how long another worker leaves a message alone; longer than sending `limit` messages takes.
    ///   - maxAttempts: after so many failures a message is given up.
    public init(
        _ context: ServiceContext, notifiers: [any Notifier], limit: Int = 32, lease: Duration = .seconds(60),
        maxAttempts: Int = 5
    ) {
        self.context = context
        self.notifiers = Dictionary(uniqueKeysWithValues: notifiers.map { ($0.channel, $0) })
        channels = self.notifiers.keys.sorted()
        self.limit = limit
        self.lease = lease
        self.maxAttempts = maxAttempts
    }

    public func poll() async throws -> Progress {
        let channels = channels
        let nextDueAt = try await context.database.read { try NotificationQueries($0).nextDueAt(by: channels) }
        guard let nextDueAt, nextDueAt <= context.clock.now() else { return .idle(wakeAt: nextDueAt) }
        let messages = try await context.commands.run(
            ClaimDueMessages(channels: channels, limit: limit, lease: lease))
        guard !messages.isEmpty else { return .worked }
        let errors = try await send(messages)
        // In the order of the messages, so that the jitter is the same for the same seed.
        let sendings = messages.map { message in
            RecordSendings.Sending(
                message, error: errors[message.id],
                retryAfter: backoff.delay(afterAttempt: message.attempts + 1, random: context.random))
        }
        _ = try await context.commands.run(RecordSendings(sendings, maxAttempts: maxAttempts))
        return .worked
    }

    /// - Returns: what went wrong with each message that was not sent.
    private func send(_ messages: [NotificationMessage]) async throws -> [UUID: String] {
        try await withThrowingTaskGroup(of: (UUID, String?).self) { group in
            for message in messages {
                group.addTask { (message.id, await error(ofSending: message)) }
            }
            var errors: [UUID: String] = [:]
            for try await (id, error) in group {
                try context.probe.reach(.notificationAfterSend)
                errors[id] = error
            }
            return errors
        }
    }

    private func error(ofSending message: NotificationMessage) async -> String? {
        guard let notifier = notifiers[message.channel] else { return "no notifier for this channel" }
        do {
            try await notifier.send(message)
            return nil
        } catch {
            return String(String(describing: error).prefix(200))
        }
    }
}
