import FoundationEssentials

extension UUID {
    /// The canonical form in lower case (RFC 9562), as clients see ids; written byte by byte, because every entry has one.
    var canonical: String {
        String(unsafeUninitializedCapacity: 36) { text in
            var next = 0
            withUnsafeBytes(of: uuid) { octets in
                for index in 0..<16 {
                    if index == 4 || index == 6 || index == 8 || index == 10 {
                        text[next] = UInt8(ascii: "-")
                        next += 1
                    }
                    text[next] = Self.digit(octets[index] >> 4)
                    text[next + 1] = Self.digit(octets[index] & 15)
                    next += 2
                }
            }
            return 36
        }
    }

    private static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
