/// Reads JSON (RFC 8259) and refuses what parsers disagree about: duplicate keys, byte order marks, NUL, lone surrogates,
/// bytes that are not UTF-8, documents nested deeper than ``maximumDepth``.
///
/// A decoder that tolerates these lets two programs see two different bodies, and this one would be the wrong one.
struct StrictJSON {
    /// Objects and arrays inside each other.
    static let maximumDepth = 16

    /// Why a document was refused, and at which byte.
    struct Failure: Error, Equatable {
        enum Reason: String, Sendable, Equatable {
            case empty, byteOrderMark, nul, notUTF8, tooDeep, duplicateKey, loneSurrogate, syntax
        }

        let reason: Reason
        let offset: Int
    }

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    private init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// Reads one document and nothing after it.
    static func parse(_ bytes: [UInt8]) throws(Failure) -> JSONValue {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) || bytes.starts(with: [0xFE, 0xFF])
            || bytes.starts(with: [0xFF, 0xFE])
        {
            throw Failure(reason: .byteOrderMark, offset: 0)
        }
        if let offset = bytes.firstIndex(of: 0) { throw Failure(reason: .nul, offset: offset) }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw Failure(reason: .notUTF8, offset: 0) }
        var parser = StrictJSON(bytes)
        parser.skipSpace()
        guard parser.position < bytes.count else { throw Failure(reason: .empty, offset: parser.position) }
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == bytes.count else { throw parser.failure(.syntax) }
        return value
    }

    private func failure(_ reason: Failure.Reason) -> Failure { Failure(reason: reason, offset: position) }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard current == byte else { return false }
        position += 1
        return true
    }

    private mutating func value() throws(Failure) -> JSONValue {
        switch current {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws(Failure) -> JSONValue {
        let expected = Array(text.description.utf8)
        guard bytes[position...].starts(with: expected) else { throw failure(.syntax) }
        position += expected.count
        return value
    }

    private mutating func enter() throws(Failure) {
        depth += 1
        guard depth <= Self.maximumDepth else { throw failure(.tooDeep) }
        position += 1
        skipSpace()
    }

    private mutating func object() throws(Failure) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var members: [String: JSONValue] = [:]
        if take(UInt8(ascii: "}")) { return .object(members) }
        while true {
            guard current == UInt8(ascii: "\"") else { throw failure(.syntax) }
            let start = position
            let key = try string()
            guard members[key] == nil else { throw Failure(reason: .duplicateKey, offset: start) }
            skipSpace()
            guard take(UInt8(ascii: ":")) else { throw failure(.syntax) }
            skipSpace()
            members[key] = try value()
            skipSpace()
            if take(UInt8(ascii: "}")) { return .object(members) }
            guard take(UInt8(ascii: ",")) else { throw failure(.syntax) }
            skipSpace()
        }
    }

    private mutating func array() throws(Failure) -> JSONValue {
        try enter()
        defer { depth -= 1 }
        var elements: [JSONValue] = []
        if take(UInt8(ascii: "]")) { return .array(elements) }
        while true {
            elements.append(try value())
            skipSpace()
            if take(UInt8(ascii: "]")) { return .array(elements) }
            guard take(UInt8(ascii: ",")) else { throw failure(.syntax) }
            skipSpace()
        }
    }
}

// MARK: - Numbers and strings

extension StrictJSON {
    private mutating func digits() -> Int {
        let start = position
        while let byte = current, (48...57).contains(byte) { position += 1 }
        return position - start
    }

    private mutating func number() throws(Failure) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let startsWithZero = current == UInt8(ascii: "0")
        let whole = digits()
        guard whole > 0, !(startsWithZero && whole > 1) else { throw failure(.syntax) }
        if take(UInt8(ascii: ".")) {
            guard digits() > 0 else { throw failure(.syntax) }
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            guard digits() > 0 else { throw failure(.syntax) }
        }
        return .number(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func string() throws(Failure) -> String {
        position += 1
        var text: [UInt8] = []
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                position += 1
                text.append(contentsOf: String(Character(try escape())).utf8)
            case 0..<0x20: throw failure(.syntax)
            default:
                text.append(byte)
                position += 1
            }
        }
        throw failure(.syntax)
    }

    private mutating func escape() throws(Failure) -> Unicode.Scalar {
        guard let byte = current else { throw failure(.syntax) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw failure(.syntax)
        }
    }

    private mutating func unicodeEscape() throws(Failure) -> Unicode.Scalar {
        let first = try codeUnit()
        if first == 0 { throw failure(.nul) }
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw failure(.loneSurrogate) }
        let second = try codeUnit()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw failure(.loneSurrogate) }
        return scalar
    }

    private mutating func codeUnit() throws(Failure) -> UInt32 {
        guard position + 4 <= bytes.count else { throw failure(.syntax) }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { throw failure(.syntax) }
            value = value * 16 + UInt32(digit)
        }
        position += 4
        return value
    }
}
