import Audit

/// Part of a text as a regular expression that means these bytes and nothing else, letters of ASCII aside, which it takes in either
/// case. The option `i` would be wrong: it also takes letters beyond ASCII in either case, and some of them for letters of ASCII.
struct TextPattern {
    /// The text, or how it begins if it is longer than servers take an expression to be.
    let pattern: String
    private let text: [UInt8]
    private let isWhole: Bool

    /// Far below MongoDB's own limit; more than anybody looks for.
    static let longest = 1000

    init(_ text: String) {
        var pattern: [UInt8] = []
        var isWhole = true
        for scalar in text.unicodeScalars {
            let part = Self.pattern(of: scalar)
            guard pattern.count + part.count <= Self.longest else {
                isWhole = false
                break
            }
            pattern += part
        }
        self.pattern = String(decoding: pattern, as: UTF8.self)
        self.isWhole = isWhole
        self.text = Self.lowered(text.utf8)
    }

    /// Whether an entry that has the pattern has the text.
    func holds(in entry: AuditEntry) -> Bool {
        isWhole || holds(in: entry.details) || holds(in: entry.action.utf8) || holds(in: entry.resourceID.utf8)
    }

    /// Whether the server's answer has to be looked through.
    var needsALook: Bool { !isWhole }

    private func holds(in bytes: some Sequence<UInt8>) -> Bool { Self.lowered(bytes).firstRange(of: text) != nil }

    private static func pattern(of scalar: Unicode.Scalar) -> [UInt8] {
        let bytes = Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        guard let byte = bytes.first, bytes.count == 1 else { return bytes }
        return switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
            [UInt8(ascii: "["), byte | 0x20, byte & 0xDF, UInt8(ascii: "]")]
        case UInt8(ascii: "0")...UInt8(ascii: "9"): [byte]
        default: [UInt8(ascii: "\\"), UInt8(ascii: "x"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    private static let digits = Array("0123456789abcdef".utf8)

    private static func lowered(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        bytes.map { (65...90).contains($0) ? $0 | 0x20 : $0 }
    }
}
