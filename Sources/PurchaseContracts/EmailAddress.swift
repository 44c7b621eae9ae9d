/// A mail address as it is sent to: `local@domain`, ASCII alone (RFC 5321, section 4.1.2, without quoted local parts, address
/// literals and internationalised addresses). Nothing in it can end a header or a command.
public struct EmailAddress: Sendable, Hashable, CustomStringConvertible {
    /// The longest one, in characters (RFC 5321, section 4.5.3.1.3, without the angle brackets).
    public static let maximumLength = 254

    public let local: String
    public let domain: String

    /// As it is written into a message.
    public var description: String { "\(local)@\(domain)" }

    /// Reads one; `nil` for anything else.
    public init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count <= Self.maximumLength, let at = bytes.lastIndex(of: UInt8(ascii: "@")) else { return nil }
        let (local, domain) = (bytes[..<at], bytes[(at + 1)...])
        guard (1...64).contains(local.count), Self.isDotted(local, Self.isAtomText) else { return nil }
        let labels = domain.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard Self.isDotted(domain, Self.isHostText),
            labels.allSatisfy({ (1...63).contains($0.count) && $0.first != Self.hyphen && $0.last != Self.hyphen })
        else { return nil }
        self.local = String(decoding: local, as: UTF8.self)
        self.domain = String(decoding: domain, as: UTF8.self)
    }

    private static let hyphen = UInt8(ascii: "-")

    /// Parts of at least one character with single dots between.
    private static func isDotted(_ bytes: ArraySlice<UInt8>, _ isAllowed: (UInt8) -> Bool) -> Bool {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && $0.allSatisfy(isAllowed) }
    }

    private static func isAtomText(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
    }

    private static func isHostText(_ byte: UInt8) -> Bool { isAlphanumeric(byte) || byte == hyphen }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"):
            true
        default: false
        }
    }
}
