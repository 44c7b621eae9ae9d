import FoundationEssentials

/// Where a piece of work stands in a trace that spans programs: W3C Trace Context, level 1.
///
/// Its text is the `traceparent` header and the envelope's extension of that name. Nothing here formats or reads through
/// Foundation: every event carries one.
public struct TraceContext: Sendable, Hashable {
    /// 16 bytes that all work of one trace shares; not all zero.
    public let trace: TraceID
    /// The piece of work, 8 bytes; not zero.
    public let span: UInt64
    /// Whether whoever began the trace may have recorded it.
    public let isSampled: Bool

    /// What work that this task begins belongs to; `nil`: it begins a trace of its own.
    @TaskLocal public static var current: TraceContext?

    /// `nil` if an id is zero.
    public init?(trace: TraceID, span: UInt64, isSampled: Bool) {
        guard trace.isValid, span != 0 else { return nil }
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
    }

    private init(trace: TraceID, unchecked span: UInt64, isSampled: Bool) {
        self.trace = trace
        self.span = span
        self.isSampled = isSampled
    }

    /// A trace that begins here, sampled; its ids are made of `id`, whose bits are all used: give one that is used for nothing else,
    /// or the id of the very thing the trace is about.
    public static func beginning(with id: UUID) -> TraceContext {
        let (high, low) = id.halves
        // The bit is set in every UUID but the one that is all zero.
        let span = low | 1 << 63
        return TraceContext(trace: TraceID(high: high, low: span), unchecked: span, isSampled: true)
    }

    /// Another piece of work of the same trace, begun by this one.
    public func child(_ span: UInt64) -> TraceContext {
        TraceContext(trace: trace, unchecked: span == 0 ? ~self.span | 1 : span, isSampled: isSampled)
    }

    /// As ``child(_:)``, with the random half of an id that is used for nothing else.
    public func child(with id: UUID) -> TraceContext { child(id.halves.low) }

    /// What a call to another program carries: a new piece of the trace of the present work, or the beginning of one.
    public static func outgoing(_ random: any RandomSource) -> TraceContext {
        if let current { return current.child(random.next()) }
        return TraceContext(
            trace: TraceID(high: random.next() | 1, low: random.next()), unchecked: random.next() | 1, isSampled: true)
    }
}

/// The id of a trace, 16 bytes.
public struct TraceID: Sendable, Hashable, CustomStringConvertible {
    let high: UInt64
    let low: UInt64

    /// Takes its halves; all zero names no trace.
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    var isValid: Bool { high != 0 || low != 0 }

    /// 32 lower-case hexadecimal digits.
    public var description: String {
        String(unsafeUninitializedCapacity: 32) { text in
            Hexadecimal.write(high, to: text, at: 0)
            Hexadecimal.write(low, to: text, at: 16)
            return 32
        }
    }
}

extension TraceContext {
    /// The name of the header, and of the envelope's extension.
    public static let headerName = "traceparent"

    /// 55 characters, version 00: flags that this version does not know are not handed on.
    public var traceparent: String {
        String(unsafeUninitializedCapacity: Self.length) { text in
            text.update(repeating: UInt8(ascii: "-"))
            text[0] = UInt8(ascii: "0")
            text[1] = UInt8(ascii: "0")
            Hexadecimal.write(trace.high, to: text, at: 3)
            Hexadecimal.write(trace.low, to: text, at: 19)
            Hexadecimal.write(span, to: text, at: 36)
            text[53] = UInt8(ascii: "0")
            text[54] = UInt8(ascii: isSampled ? "1" : "0")
            return Self.length
        }
    }

    /// Reads a header. One of a later version is read as far as this version knows it; anything that breaks a rule is no trace at
    /// all.
    public init?(traceparent text: String) {
        let parsed = text.utf8.withContiguousStorageIfAvailable { Self.parse($0) }
        guard let context = parsed ?? Array(text.utf8).withUnsafeBufferPointer({ Self.parse($0) }) else { return nil }
        self = context
    }

    private static let length = 55
    /// A later version may add fields, but nobody needs that much.
    private static let longest = 512

    private static func parse(_ text: UnsafeBufferPointer<UInt8>) -> TraceContext? {
        let dash = UInt8(ascii: "-")
        guard (length...longest).contains(text.count), text[2] == dash, text[35] == dash, text[52] == dash,
            let version = Hexadecimal.read(text, 0..<2), version != 0xff,
            text.count == length || (version > 0 && text[length] == dash),
            let high = Hexadecimal.read(text, 3..<19), let low = Hexadecimal.read(text, 19..<35),
            let span = Hexadecimal.read(text, 36..<52), let flags = Hexadecimal.read(text, 53..<55)
        else { return nil }
        return TraceContext(trace: TraceID(high: high, low: low), span: span, isSampled: flags & 1 == 1)
    }
}

private enum Hexadecimal {
    /// 16 digits.
    static func write(_ value: UInt64, to text: UnsafeMutableBufferPointer<UInt8>, at place: Int) {
        var rest = value
        for index in stride(from: place + 15, through: place, by: -1) {
            let digit = UInt8(truncatingIfNeeded: rest & 0xf)
            text[index] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
            rest >>= 4
        }
    }

    /// Digits of lower case only, as the standard demands.
    static func read(_ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> UInt64? {
        var value: UInt64 = 0
        for index in range {
            let digit: UInt8
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = text[index] - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = text[index] - UInt8(ascii: "a") + 10
            default: return nil
            }
            value = value << 4 | UInt64(digit)
        }
        return value
    }
}

extension UUID {
    fileprivate var halves: (high: UInt64, low: UInt64) {
        withUnsafeBytes(of: uuid) { bytes in
            (
                UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
            )
        }
    }
}
