import SagaChoreography

/// Times as clients write them (RFC 3339): with or without a fraction, in any offset.
enum RFC3339 {
    /// The point in time, its fraction cut to milliseconds; `nil` for anything that is none.
    static func read(_ text: String) -> Timestamp? {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes[10] == UInt8(ascii: "T") || bytes[10] == UInt8(ascii: "t") else { return nil }
        var rest = bytes[19...]
        var fraction: [UInt8] = []
        if rest.first == UInt8(ascii: ".") {
            fraction = Array(rest.dropFirst().prefix { (48...57).contains($0) })
            guard (1...12).contains(fraction.count) else { return nil }
            rest = rest.dropFirst(1 + fraction.count)
        }
        guard let offset = offset(Array(rest)) else { return nil }
        let milliseconds = (fraction + [48, 48, 48]).prefix(3)
        let normal = String(decoding: bytes[..<10] + [84] + bytes[11..<19] + [46] + milliseconds + [90], as: UTF8.self)
        guard let local = Timestamp(iso8601: normal) else { return nil }
        return Timestamp(milliseconds: local.milliseconds - offset * 60_000)
    }

    /// Minutes east of Greenwich.
    private static func offset(_ bytes: [UInt8]) -> Int64? {
        if bytes == [UInt8(ascii: "Z")] || bytes == [UInt8(ascii: "z")] { return 0 }
        guard bytes.count == 6, bytes[3] == UInt8(ascii: ":"),
            let sign: Int64 = bytes[0] == UInt8(ascii: "+") ? 1 : bytes[0] == UInt8(ascii: "-") ? -1 : nil
        else { return nil }
        let digits = [bytes[1], bytes[2], bytes[4], bytes[5]].map { Int64($0) - 48 }
        guard digits.allSatisfy({ (0...9).contains($0) }) else { return nil }
        let (hours, minutes) = (digits[0] * 10 + digits[1], digits[2] * 10 + digits[3])
        guard hours < 24, minutes < 60 else { return nil }
        return sign * (hours * 60 + minutes)
    }
}
