/// A JSON document as it was written: numbers keep their text, so that `1e2` is told from `100`.
enum JSONValue: Sendable, Equatable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// The number as an integer: digits with an optional minus and no exponent. A fraction of zeros is none: some languages
    /// write every number with one, and JSON Schema calls `1.0` an integer.
    var integer: IntegerReading? {
        guard case .number(let written) = self else { return nil }
        let parts = written.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let hasZeros = parts.count == 2 && parts[1].utf8.allSatisfy { $0 == UInt8(ascii: "0") }
        let text = hasZeros ? parts[0] : written[...]
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

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    init(stringLiteral text: String) { self = .string(text) }
    init(integerLiteral number: Int64) { self = .number(String(number)) }
    init(booleanLiteral bool: Bool) { self = .bool(bool) }
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
    init(dictionaryLiteral members: (String, JSONValue)...) {
        self = .object(Dictionary(uniqueKeysWithValues: members))
    }
}

extension JSONValue {
    /// As JSON text, keys sorted, so that the same value is always the same text.
    var text: String {
        switch self {
        case .null: "null"
        case .bool(let bool): bool ? "true" : "false"
        case .number(let text): text
        case .string(let text): Self.quoted(text)
        case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        case .object(let members):
            "{"
                + members.sorted { $0.key < $1.key }.map { Self.quoted($0.key) + ":" + $0.value.text }
                .joined(separator: ",") + "}"
        }
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
