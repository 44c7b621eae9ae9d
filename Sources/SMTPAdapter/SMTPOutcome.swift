import Notifications

/// What came of handing a message to a server, without anything that was said in it: pure values.
struct SMTPOutcome: Sendable, Hashable {
    /// How far the conversation was when it ended.
    enum Stage: String, Sendable {
        case connecting = "connecting"
        case greeting = "greeting"
        case authenticating = "logging in"
        case sender = "naming the sender"
        case recipient = "naming the recipient"
        case content = "handing over the message"

        /// The stage that a command begins; `nil` for one that begins none.
        init?(command: some Collection<UInt8>) {
            switch String(decoding: command.prefix(4), as: UTF8.self).uppercased() {
            case "EHLO", "HELO", "STAR": self = .greeting
            case "AUTH": self = .authenticating
            case "MAIL": self = .sender
            case "RCPT": self = .recipient
            case "DATA": self = .content
            default: return nil
            }
        }
    }

    var stage = Stage.connecting
    /// The last answer of the server: its code and, where it gave one, its enhanced code (RFC 3463).
    var reply: (code: Int, enhanced: String?)?
    /// What libcurl says of it, in fixed words; `nil`: the message was taken.
    var problem: String?

    static func == (a: SMTPOutcome, b: SMTPOutcome) -> Bool {
        a.stage == b.stage && a.problem == b.problem && a.reply?.code == b.reply?.code
            && a.reply?.enhanced == b.reply?.enhanced
    }

    func hash(into hasher: inout Hasher) { hasher.combine(stage) }

    /// `nil`: the message was taken.
    ///
    /// Only a 5xx to the recipient or to the message is final: one to the login or the sender is about this system, and passes
    /// when somebody puts it right. So does 530, which asks for a login or TLS.
    var failure: SendingFailure? {
        guard let problem else { return nil }
        guard let reply, reply.code >= 400 else {
            return SendingFailure(.transient(retryAfter: nil), "\(problem), \(stage.rawValue)")
        }
        let answer = ([String(reply.code)] + (reply.enhanced.map { [$0] } ?? [])).joined(separator: " ")
        let isFinal = reply.code >= 500 && reply.code != 530 && (stage == .recipient || stage == .content)
        return SendingFailure(
            isFinal ? .permanent : .transient(retryAfter: nil), "the server answered \(answer), \(stage.rawValue)")
    }

    /// The codes at the beginning of a line of an answer; the rest may name people and is left alone.
    static func codes(in line: some Collection<UInt8>) -> (code: Int, enhanced: String?)? {
        let bytes = Array(line.prefix(32))
        guard bytes.count >= 3, let code = Int(String(decoding: bytes[..<3], as: UTF8.self)),
            (200...599).contains(code)
        else { return nil }
        let word = bytes.dropFirst(4).prefix { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        let isEnhanced =
            parts.count == 3 && parts.allSatisfy { (1...3).contains($0.count) } && word.first == bytes[0]
        return (code, isEnhanced ? String(decoding: word, as: UTF8.self) : nil)
    }
}
