/// One way to reach a user: console, mail, a webhook.
public protocol Notifier: Sendable {
    /// Its name, kept with every message: `console`, …; stable.
    var channel: String { get }

    /// Sends one message. It may be called again with the same message id.
    ///
    /// - Throws: any error; the message is then tried again later.
    func send(_ message: NotificationMessage) async throws
}
