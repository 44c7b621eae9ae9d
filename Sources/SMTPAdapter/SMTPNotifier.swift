import Notifications
import PurchaseContracts
import SagaChoreography
import Synchronization

/// Sends messages by mail: over a few connections to one server, each message to the address that its user told.
public final class SMTPNotifier: Notifier {
    public let channel = "email"
    public var width: Int { connections.count }
    public var longestSending: Duration { settings.timeout }

    private let settings: SMTPSettings
    private let language: NotificationLanguage
    private let directory: any RecipientDirectory
    private let fallback: RecipientPattern?
    private let report: @Sendable (SendingFailure) -> Void
    private let connections: [SMTPConnection]
    private let next = Mutex(0)

    /// - Parameters:
    ///   - directory: whom a message goes to.
    ///   - fallback: where messages of users go who told no address; `nil`: nowhere.
    ///   - report: told of each failure.
    public init(
        _ settings: SMTPSettings, language: NotificationLanguage, directory: any RecipientDirectory,
        fallback: RecipientPattern? = nil, report: @escaping @Sendable (SendingFailure) -> Void = { _ in }
    ) {
        self.settings = settings
        self.language = language
        self.directory = directory
        self.fallback = fallback
        self.report = report
        connections = (0..<max(1, settings.connections)).map { SMTPConnection(settings, number: $0) }
    }

    /// - Throws: ``SendingFailure``; what the directory throws.
    public func send(_ message: NotificationMessage) async throws {
        guard
            let recipient = try await directory.emailAddress(of: message.userID)
                ?? fallback?.address(of: message.userID)
        else { throw SendingFailure(.unaddressed, "the user told no mail address") }
        let letter = NotificationText(language).letter(for: message)
        let mail = MailMessage(
            id: message.id, date: message.createdAt, from: settings.sender, to: recipient, subject: letter.subject,
            body: letter.body, language: language.rawValue)
        try await deliver(mail)
    }

    /// Hands a finished mail to the server.
    ///
    /// - Throws: ``SendingFailure``.
    public func deliver(_ mail: MailMessage) async throws(SendingFailure) {
        let number = next.withLock { next in
            defer { next = (next + 1) % connections.count }
            return next
        }
        let outcome = await connections[number].send(mail.bytes, from: mail.from.address, to: mail.to)
        guard let failure = outcome.failure else { return }
        report(failure)
        throw failure
    }

    /// Ends the connections; to be called after the last message.
    public func close() async {
        for connection in connections { await connection.close() }
    }
}
