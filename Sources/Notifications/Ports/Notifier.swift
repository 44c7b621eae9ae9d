/// One way to reach a user: console, mail, a webhook.
public protocol Notifier: Sendable {
    /// Its name, kept with every message: `console`, …; stable.
    var channel: String { get }

    /// How many messages it is given side by side at most.
    var width: Int { get }

    /// How long one sending takes at most; it gives up by itself.
    var longestSending: Duration { get }

    /// Sends one message. It may be called again with the same message id.
    ///
    /// - Throws: ``SendingFailure`` if it knows more than that it failed; `CancellationError` if it gave up since the process ends,
    ///   which counts as no attempt; any other error: the message is tried again later.
    func send(_ message: NotificationMessage) async throws
}

extension Notifier {
    public var width: Int { 32 }
    public var longestSending: Duration { .seconds(30) }
}
