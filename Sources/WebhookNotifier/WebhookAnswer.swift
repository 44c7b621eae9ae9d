import Notifications

/// What an answer means.
struct WebhookAnswer: Sendable, Hashable {
    let status: Int
    /// The header of that name, as it came.
    let retryAfter: String?

    /// `nil`: the message was taken.
    ///
    /// Time-outs, conflicts, overload and faults of the other side pass, and a redirect passes when somebody puts the address
    /// right; any other 4xx says that this very message will never be taken.
    var failure: SendingFailure? {
        switch status {
        case 200...299: nil
        case 408, 409, 425, 429, 500...: SendingFailure(.transient(retryAfter: pause), "HTTP \(status)")
        case 400...499: SendingFailure(.permanent, "HTTP \(status)")
        default: SendingFailure(.transient(retryAfter: nil), "HTTP \(status)")
        }
    }

    /// Seconds alone (RFC 9110, section 10.2.3); a date is not read.
    private var pause: Duration? {
        retryAfter.flatMap { Int64($0) }.flatMap { (0...86_400).contains($0) ? .seconds($0) : nil }
    }
}
