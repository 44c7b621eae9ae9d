import FoundationEssentials

/// Reads plainly written JSON in one pass. Whatever is not plain (an escape, a fraction, a wrong type, bad syntax) is a
/// ``JSONSurprise``.
public struct JSONReader {
    /// How deep a value that is skipped may be nested.
    private static let deepest = 32

    private let bytes: UnsafeBufferPointer<UInt8>
    private var at = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// A member's key.
    public struct Key {
        private let bytes: UnsafeBufferPointer<UInt8>

        fileprivate init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

        /// The key as text, if it is UTF-8.
        public var text: String? { String(validating: bytes, as: UTF8.self) }

        /// Whether the key is `name`, byte by byte.
        public static func == (key: Key, name: StaticString) -> Bool {
            name.withUTF8Buffer { $0.count == key.bytes.count && $0.elementsEqual(key.bytes) }
        }
    }

    /// Reads an object; `member` is called for each key and must read or ``skip()`` its value.
    ///
    /// - Throws: ``JSONSurprise``.
    public mutating func object(_ member: (Key, inout JSONReader) throws(JSONSurprise) -> Void) throws(JSONSurprise) {
        try expect(UInt8(ascii: "{"))
        guard !take(UInt8(ascii: "}")) else { return }
        repeat {
            let key = Key(try raw())
            try expect(UInt8(ascii: ":"))
            try member(key, &self)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    /// Reads an array; `element` must read or ``skip()`` one value.
    ///
    /// - Throws: ``JSONSurprise``.
    public mutating func array(_ element: (inout JSONReader) throws(JSONSurprise) -> Void) throws(JSONSurprise) {
        try expect(UInt8(ascii: "["))
        guard !take(UInt8(ascii: "]")) else { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    /// Reads a whole number without fraction or exponent.
    ///
    /// - Throws: ``JSONSurprise``, also beyond 64 bits.
    public mutating func integer() throws(JSONSurprise) -> Int64 {
        let isNegative = take(UInt8(ascii: "-"))
        let start = at
        var value: Int64 = 0
        while at < bytes.count, (48...57).contains(bytes[at]) {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.subtractingReportingOverflow(Int64(bytes[at] - 48))
            guard !overflow, !carry else { throw JSONSurprise() }
            value = sum
            at += 1
        }
        // Counted downwards, so that the smallest number fits too. No leading zero: that is no JSON.
        guard at > start, at == start + 1 || bytes[start] != 48 else { throw JSONSurprise() }
        guard at == bytes.count || !Self.continuesNumber(bytes[at]) else { throw JSONSurprise() }
        if isNegative { return value }
        guard value != .min else { throw JSONSurprise() }
        return -value
    }

    /// Reads a text without escapes.
    ///
    /// - Throws: ``JSONSurprise``.
    public mutating func string() throws(JSONSurprise) -> String {
        guard let text = String(validating: try raw(), as: UTF8.self) else { throw JSONSurprise() }
        return text
    }

    /// Reads a UUID, in either case.
    ///
    /// - Throws: ``JSONSurprise``.
    public mutating func uuid() throws(JSONSurprise) -> UUID {
        let text = try raw()
        guard text.count == 36 else { throw JSONSurprise() }
        var octets: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isComplete = withUnsafeMutableBytes(of: &octets) { octets in
            var next = 0
            for index in 0..<16 {
                if index == 4 || index == 6 || index == 8 || index == 10 {
                    guard text[next] == UInt8(ascii: "-") else { return false }
                    next += 1
                }
                guard let high = Self.nibble(text[next]), let low = Self.nibble(text[next + 1]) else { return false }
                octets[index] = high << 4 | low
                next += 2
            }
            return true
        }
        guard isComplete else { throw JSONSurprise() }
        return UUID(uuid: octets)
    }

    /// Takes `null`, if it is next.
    public mutating func null() -> Bool {
        space()
        guard at + 4 <= bytes.count, bytes[at] == UInt8(ascii: "n"), bytes[at + 1] == UInt8(ascii: "u"),
            bytes[at + 2] == UInt8(ascii: "l"), bytes[at + 3] == UInt8(ascii: "l")
        else { return false }
        at += 4
        return true
    }

    /// Reads over one value: texts without escapes, whole numbers, `null`, and objects and arrays of them.
    ///
    /// - Throws: ``JSONSurprise``.
    public mutating func skip() throws(JSONSurprise) { try skip(depth: 0) }

    private mutating func skip(depth: Int) throws(JSONSurprise) {
        guard depth < Self.deepest else { throw JSONSurprise() }
        space()
        guard at < bytes.count else { throw JSONSurprise() }
        switch bytes[at] {
        case UInt8(ascii: "{"):
            try object { (_, json) throws(JSONSurprise) in try json.skip(depth: depth + 1) }
        case UInt8(ascii: "["): try array { (json) throws(JSONSurprise) in try json.skip(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try raw()
        case UInt8(ascii: "n"): guard null() else { throw JSONSurprise() }
        default: _ = try integer()
        }
    }

    /// Requires that nothing but white space is left.
    mutating func end() throws(JSONSurprise) {
        space()
        guard at == bytes.count else { throw JSONSurprise() }
    }

    private mutating func raw() throws(JSONSurprise) -> UnsafeBufferPointer<UInt8> {
        try expect(UInt8(ascii: "\""))
        let start = at
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\""):
                at += 1
                return UnsafeBufferPointer(rebasing: bytes[start..<at - 1])
            case UInt8(ascii: "\\"), 0..<0x20: throw JSONSurprise()
            default: at += 1
            }
        }
        throw JSONSurprise()
    }

    private mutating func expect(_ byte: UInt8) throws(JSONSurprise) {
        guard take(byte) else { throw JSONSurprise() }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        space()
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func space() {
        while at < bytes.count, bytes[at] == 32 || bytes[at] == 10 || bytes[at] == 13 || bytes[at] == 9 { at += 1 }
    }

    private static func continuesNumber(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    }

    private static func nibble(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 48...57: digit - 48
        case 65...70: digit - 55
        case 97...102: digit - 87
        default: nil
        }
    }
}
