import Foundation
import PurchaseContracts
import SagaChoreography

/// A mail of plain text as it is handed to a server (RFC 5322, RFC 2045). Dots at the beginning of a line are doubled by whoever
/// sends it.
public struct MailMessage: Sendable, Hashable {
    /// The same for every attempt, so that a repeated mail is recognised as one.
    public var id: UUID
    public var date: Timestamp
    public var from: Mailbox
    public var to: EmailAddress
    public var subject: String
    public var body: String
    /// A tag such as `ko` (RFC 5646).
    public var language: String

    public init(
        id: UUID, date: Timestamp, from: Mailbox, to: EmailAddress, subject: String, body: String, language: String
    ) {
        self.id = id
        self.date = date
        self.from = from
        self.to = to
        self.subject = subject
        self.body = body
        self.language = language
    }

    /// Headers, an empty line and the text; every line ends with CR LF.
    public var bytes: [UInt8] {
        let lines = body.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
            .split(separator: "\n", omittingEmptySubsequences: false)
        let isPlain = lines.allSatisfy { line in
            line.utf8.count <= Self.longestLine && line.utf8.allSatisfy { (32...126).contains($0) || $0 == 9 }
        }
        let headers = [
            "Date: \(Self.date(date))",
            "Message-ID: <\(id.uuidString.lowercased())@\(from.address.domain)>",
            "From: \(sender)",
            "To: <\(to)>",
            "Subject: \(HeaderText.value(subject, after: 9))",
            "MIME-Version: 1.0",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: \(isPlain ? "7bit" : "base64")",
            "Content-Language: \(language)",
            // No answer of an absence assistant is wanted (RFC 3834).
            "Auto-Submitted: auto-generated",
        ]
        let text = lines.joined(separator: "\r\n")
        let content = isPlain ? text : Self.base64(text)
        let ending = content.hasSuffix("\r\n") ? "" : "\r\n"
        return Array((headers.joined(separator: "\r\n") + "\r\n\r\n" + content + ending).utf8)
    }

    /// Of a line without its end (RFC 5322, section 2.1.1).
    private static let longestLine = 998

    private var sender: String {
        guard let name = from.name else { return "<\(from.address)>" }
        return "\(HeaderText.phrase(name, after: 6))\r\n <\(from.address)>"
    }

    private static func base64(_ text: String) -> String {
        Data(text.utf8).base64EncodedString(options: [
            .lineLength76Characters, .endLineWithCarriageReturn, .endLineWithLineFeed,
        ])
    }

    /// As in `Tue, 25 Nov 2026 09:30:00 +0000` (RFC 5322, section 3.3).
    static func date(_ time: Timestamp) -> String {
        // `2026-11-25T09:30:00.000Z`
        let text = Array(time.description)
        let dayLength: Int64 = 86_400_000
        let days = (time.milliseconds - (time.milliseconds % dayLength + dayLength) % dayLength) / dayLength
        // The first of January 1970 was a Thursday.
        let weekday = weekdays[Int(((days + 4) % 7 + 7) % 7)]
        let month = months[(Int(String(text[5...6])) ?? 1) - 1]
        return "\(weekday), \(String(text[8...9])) \(month) \(String(text[0...3])) \(String(text[11...18])) +0000"
    }

    private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
