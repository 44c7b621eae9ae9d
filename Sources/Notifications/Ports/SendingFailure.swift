/// Why a message was not sent.
public struct SendingFailure: Error, Sendable, Hashable, CustomStringConvertible {
    /// Whether it makes sense to try again.
    public enum Kind: Sendable, Hashable {
        /// It may work later, after `retryAfter` at the earliest if the other side said so.
        case transient(retryAfter: Duration?)
        /// The other side will never take this message for this user.
        case permanent
        /// Nobody told how the user is reached by this channel.
        case unaddressed
    }

    public let kind: Kind
    /// One line for operators, without personal data or secrets.
    public let description: String

    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}
