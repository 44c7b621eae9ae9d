import Logging
import Notifications
import PurchaseContracts
import SMTPAdapter
import SQLCore
import SagaChoreography
import Users
import WebhookNotifier

/// The configured ways to reach users, with their connections.
struct NotificationChannels: Sendable {
    let notifiers: [any Notifier]
    private let mail: SMTPNotifier?
    private let webhook: WebhookNotifier?

    /// - Parameter database: where Users keeps the addresses.
    init(_ choice: NotificationChoice, database: any SQLDatabase, clock: any SagaClock, logger: Logger) {
        let language: NotificationLanguage = choice.language == .ko ? .korean : .english
        func report(_ channel: String) -> @Sendable (SendingFailure) -> Void {
            { failure in
                let level: Logger.Level = failure.kind == .permanent ? .error : .warning
                logger.log(
                    level: level, "a notification was not sent",
                    metadata: [LogKey.channel: "\(channel)", LogKey.reason: "\(failure)"])
            }
        }
        mail = choice.mail.map { mail in
            SMTPNotifier(
                mail.server, language: language, directory: StoredRecipients(database: database),
                fallback: mail.fallback, report: report("email"))
        }
        webhook = choice.webhook.map {
            WebhookNotifier(
                $0, language: language, clock: clock, random: SystemRandom(), report: report("webhook"))
        }
        let console = choice.hasConsole ? ConsoleNotifier(language: language) { StandardOutput.write($0) } : nil
        notifiers = [console as (any Notifier)?, mail, webhook].compactMap { $0 }
    }

    /// Ends the connections; to be called once, after the last message.
    func close() async throws {
        await mail?.close()
        try await webhook?.close()
    }
}

/// The addresses of Users, as Notifications asks for them.
private struct StoredRecipients: RecipientDirectory {
    let database: any SQLDatabase

    func emailAddress(of user: UserID) async throws -> EmailAddress? {
        try await database.read { try ContactQueries($0).emailAddress(of: user) }
    }
}
