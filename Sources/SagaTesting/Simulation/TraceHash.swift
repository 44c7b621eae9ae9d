import FoundationEssentials
import SQLCore

/// A fingerprint of everything that happened, in order: equal for two runs if and only if they did the same, on any machine.
///
/// FNV-1a over words of 64 bits (Fowler, Noll, Vo), with a rotation so that all bits of a word count.
public struct TraceHash: Sendable, Hashable, CustomStringConvertible {
    /// The fingerprint so far.
    public private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The fingerprint of nothing.
    public init() {}

    /// Adds a number.
    public mutating func mix(_ word: UInt64) {
        value = (value ^ word) &* 0x100_0000_01b3
        value = (value << 27) | (value >> 37)
    }

    /// Adds a number.
    public mutating func mix(_ number: Int) { mix(UInt64(bitPattern: Int64(number))) }

    /// Adds bytes.
    public mutating func mix(_ bytes: UnsafeRawBufferPointer) {
        mix(bytes.count)
        var offset = 0
        while offset + 8 <= bytes.count {
            mix(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < bytes.count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        mix(rest)
    }

    /// Adds a text.
    public mutating func mix(_ text: String) {
        var text = text
        text.withUTF8 { mix(UnsafeRawBufferPointer($0)) }
    }

    /// Adds a statement: its length and its values.
    public mutating func mix(_ statement: SQLStatement) {
        mix(statement.text.utf8.count)
        for value in statement.values { mix(value) }
    }

    private mutating func mix(_ value: SQLValue) {
        switch value {
        case .null: mix(1)
        case .integer(let number): mix(UInt64(bitPattern: number))
        case .real(let number): mix(number.bitPattern)
        case .text(let text): mix(text)
        case .bytes(let bytes), .utf8(let bytes): bytes.withUnsafeBytes { mix($0) }
        case .uuid(let id): withUnsafeBytes(of: id.uuid) { mix($0) }
        case .bool(let flag): mix(flag ? 3 : 2)
        case .list(let values):
            mix(values.count)
            for value in values { mix(value) }
        }
    }

    /// 16 hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
