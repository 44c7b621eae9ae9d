import SMTPAdapter
import WebhookNotifier

/// By which channels users are told of their orders.
public struct NotificationChoice: Sendable {
    /// Mail, and whom it reaches.
    public struct Mail: Sendable {
        public let server: SMTPSettings
        /// Where the mail of users goes who told no address.
        public let fallback: RecipientPattern?
    }

    public let language: PurchaseConfiguration.Language
    /// Whether each message is a line on standard output.
    public let hasConsole: Bool
    public let mail: Mail?
    public let webhook: WebhookNotifier.Settings?

    /// The channels' names.
    var channels: [String] {
        [hasConsole ? "console" : nil, mail == nil ? nil : "email", webhook == nil ? nil : "webhook"].compactMap { $0 }
    }
}
