/// A JSON document as it was written: numbers keep their text, so that `1e2` and `1.0` are told from `1`.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// The number, if it was written as an integer: digits with an optional minus, no fraction, no exponent.
    var integer: IntegerReading? {
        guard case .number(let text) = self else { return nil }
        guard text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (48...57).contains($0) }) else { return .fractional }
        return Int64(text).map { .exact($0) } ?? .beyond64Bits
    }

    /// What a JSON number is as an integer.
    enum IntegerReading: Equatable {
        case exact(Int64)
        case beyond64Bits
        case fractional
    }
}
