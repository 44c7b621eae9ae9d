import FoundationEssentials
import PurchaseContracts
import SagaChoreography
import SagaSQL

/// A message that tells of nothing, sent at once by every channel to whoever asks for it. It is kept nowhere and not tried again:
/// what became of it is the answer.
public struct TestSending: Sendable {
    /// What became of it on one channel.
    public struct Result: Sendable, Hashable {
        public let channel: String
        public let outcome: Outcome
        /// One line for operators, without personal data or secrets; `nil` if it was sent.
        public let reason: String?
    }

    /// How a test ended.
    public enum Outcome: String, Sendable, Hashable, CaseIterable {
        /// The other side has taken it.
        case sent
        /// It may work later.
        case failed
        /// The other side will never take it.
        case refused
        /// This channel cannot reach the user: he told no address.
        case unaddressed
    }

    private let notifiers: [any Notifier]

    /// - Parameter notifiers: the configured channels.
    public init(by notifiers: [any Notifier]) { self.notifiers = notifiers }

    /// Sends to a user, by all channels at the same time; it takes as long as the slowest of them takes to give up.
    ///
    /// - Parameters:
    ///   - id: the message's, the same on every channel.
    /// - Throws: `CancellationError` if the process ends meanwhile.
    public func send(to user: UserID, id: UUID, at now: Timestamp) async throws -> [Result] {
        let results = await withTaskGroup(of: Result?.self) { group in
            for notifier in notifiers {
                let message = NotificationMessage(
                    id: id, channel: notifier.channel, userID: user, template: .test, content: .nothing, createdAt: now,
                    attempts: 0)
                group.addTask { await notifier.attempt(message).map { Self.result(of: $0, on: notifier.channel) } }
            }
            return await group.reduce(into: [Result?]()) { $0.append($1) }
        }
        guard !results.contains(nil) else { throw CancellationError() }
        return results.compactMap { $0 }.sorted { $0.channel < $1.channel }
    }

    private static func result(of attempt: SendingAttempt, on channel: String) -> Result {
        guard case .failed(let failure) = attempt else { return Result(channel: channel, outcome: .sent, reason: nil) }
        let outcome: Outcome =
            switch failure.kind {
            case .transient: .failed
            case .permanent: .refused
            case .unaddressed: .unaddressed
            }
        return Result(channel: channel, outcome: outcome, reason: failure.line)
    }
}

/// Audits that an administrator sent a test, and what became of it.
public struct RecordTestSending: Command {
    public static let id: ReactionID = "notifications.record-test"
    let message: UUID
    let results: [TestSending.Result]
    let actor: UserID

    /// - Parameter message: the id that it had on every channel.
    public init(_ message: UUID, _ results: [TestSending.Result], actor: UserID) {
        self.message = message
        self.results = results
        self.actor = actor
    }

    public func execute(in step: SQLStep) throws -> Decision<Void, Never> {
        try AuditLog.write(
            AuditRecord(
                service: NotificationsParticipant.service, action: "notifications.test", resource: "notification",
                resourceID: message.uuidString.lowercased(), actor: actor.uuid,
                status: results.allSatisfy { $0.outcome == .sent } ? .success : .failed, severity: .medium,
                details: Dictionary(results.map { ($0.channel, $0.outcome.rawValue) }) { first, _ in first }),
            in: step)
        return Decision(())
    }
}
