/// The id of an entry of a stream: milliseconds and a number within them.
struct EntryID: Hashable, Comparable, Sendable, CustomStringConvertible {
    let milliseconds: UInt64
    let sequence: UInt64

    static let zero = EntryID(milliseconds: 0, sequence: 0)

    init(milliseconds: UInt64, sequence: UInt64) {
        self.milliseconds = milliseconds
        self.sequence = sequence
    }

    /// Reads `milliseconds-sequence`; `nil` for anything else.
    init?(_ text: some StringProtocol) {
        guard let dash = text.firstIndex(of: "-"), let milliseconds = UInt64(text[..<dash]),
            let sequence = UInt64(text[text.index(after: dash)...])
        else { return nil }
        self.init(milliseconds: milliseconds, sequence: sequence)
    }

    /// Reads `milliseconds-sequence` where Redis wrote it; `nil` for anything else.
    init?(_ bytes: UnsafeRawBufferPointer) {
        var numbers: (UInt64, UInt64) = (0, 0)
        var (digits, isBehindDash) = (0, false)
        for byte in bytes {
            if byte == UInt8(ascii: "-"), !isBehindDash, digits > 0 {
                (digits, isBehindDash) = (0, true)
                continue
            }
            let digit = UInt64(byte &- UInt8(ascii: "0"))
            guard digit < 10 else { return nil }
            digits += 1
            let (tens, isTooLarge) = (isBehindDash ? numbers.1 : numbers.0).multipliedReportingOverflow(by: 10)
            let (number, isStillTooLarge) = tens.addingReportingOverflow(digit)
            guard !isTooLarge, !isStillTooLarge else { return nil }
            if isBehindDash { numbers.1 = number } else { numbers.0 = number }
        }
        guard isBehindDash, digits > 0 else { return nil }
        self.init(milliseconds: numbers.0, sequence: numbers.1)
    }

    var description: String { "\(milliseconds)-\(sequence)" }

    static func < (a: EntryID, b: EntryID) -> Bool {
        (a.milliseconds, a.sequence) < (b.milliseconds, b.sequence)
    }
}
