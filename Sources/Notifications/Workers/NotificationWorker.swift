import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Sends the messages of one channel that are due: leases them, sends them, records what became of it. A crash between sending
/// and recording repeats a message, with the same id. Each channel has a worker of its own, so that none waits for another.
public struct NotificationWorker: Activity {
    public let name: String
    public let wakesOn: Set<EventType> = [
        OrderCompleted.type, OrderFailed.type, OrderCancelled.type, OrderRefunded.type, CouponExpiringWarning.type,
    ]
    public let follows: ServiceID? = NotificationsParticipant.service

    private let context: ServiceContext
    private let notifier: any Notifier
    private let lease: Duration
    private let maxAttempts: Int
    private let backoff = RetryPolicy(first: .seconds(1), longest: longestPause)

    /// Attempts of a message: with the pauses between them, doubling from a second to five minutes less jitter, about a day.
    public static let defaultAttempts = 400
    private static let longestPause = Duration.seconds(300)
    /// The longest pause that the other side may ask for.
    private static let longestAskedPause = Duration.seconds(3600)
    /// What recording takes at most, beyond the sending.
    private static let margin = Duration.seconds(30)

    /// - Parameters:
    ///   - notifier: what sends; a poll takes as many messages as it sends side by side.
    ///   - lease: how long another worker leaves a message alone; by default longer than sending takes.
    ///   - maxAttempts: after so many failures a message is given up.
    public init(
        _ context: ServiceContext, notifier: any Notifier, lease: Duration? = nil, maxAttempts: Int = defaultAttempts
    ) {
        name = "notifications.worker.\(notifier.channel)"
        self.context = context
        self.notifier = notifier
        self.lease = lease ?? notifier.longestSending + Self.margin
        self.maxAttempts = maxAttempts
    }

    public func poll() async throws -> Progress {
        let channel = notifier.channel
        let nextDueAt = try await context.database.read { try NotificationQueries($0).nextDueAt(by: channel) }
        guard let nextDueAt, nextDueAt <= context.clock.now() else { return .idle(wakeAt: nextDueAt) }
        let messages = try await context.commands.run(
            ClaimDueMessages(channel: channel, limit: max(1, notifier.width), lease: lease))
        guard !messages.isEmpty else { return .worked }
        let attempts = try await send(messages)
        // In the order of the messages, so that the jitter is the same for the same seed.
        let sendings = messages.compactMap { message in
            attempts[message.id].map { RecordSendings.Sending(message, ending(of: message, $0)) }
        }
        _ = try await context.commands.run(RecordSendings(sendings, maxAttempts: maxAttempts))
        return .worked
    }

    /// - Returns: what became of each message. One that was given up since this process ends is missing: nobody knows, so it
    ///   counts as no attempt, and is sent by the next to take it when the lease is over.
    private func send(_ messages: [NotificationMessage]) async throws -> [UUID: SendingAttempt] {
        try await withThrowingTaskGroup(of: (UUID, SendingAttempt?).self) { group in
            for message in messages {
                group.addTask {
                    let trace = message.traceparent.flatMap { TraceContext(traceparent: $0) }
                    return (
                        message.id, await TraceContext.$current.withValue(trace) { await notifier.attempt(message) }
                    )
                }
            }
            var attempts: [UUID: SendingAttempt] = [:]
            for try await (id, attempt) in group {
                try context.probe.reach(.notificationAfterSend)
                attempts[id] = attempt
            }
            return attempts
        }
    }

    private func ending(of message: NotificationMessage, _ attempt: SendingAttempt) -> RecordSendings.Ending {
        let pause = backoff.delay(afterAttempt: message.attempts + 1, random: context.random)
        guard case .failed(let failure) = attempt else { return .sent }
        let why = failure.line
        return switch failure.kind {
        case .transient(let asked): .failed(why, retryAfter: max(pause, min(asked ?? .zero, Self.longestAskedPause)))
        case .permanent: .refused(why)
        case .unaddressed: .unaddressed(why)
        }
    }
}
