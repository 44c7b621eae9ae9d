import SQLCore

/// An amount in the minor unit of the currency that travels beside it (KRW has none: 10000 is ten thousand won).
///
/// Arithmetic is checked: what does not fit is an error, never a wrapped number.
public struct Money: Hashable, Comparable, Sendable, Codable, SQLBindable {
    public let minorUnits: Int64

    public init(_ minorUnits: Int64) { self.minorUnits = minorUnits }

    public static let zero = Money(0)

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(Int64.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(minorUnits)
    }

    public var sqlValue: SQLValue { .integer(minorUnits) }

    public static func < (a: Money, b: Money) -> Bool { a.minorUnits < b.minorUnits }

    /// - Throws: ``MoneyOverflow``.
    public func adding(_ other: Money) throws(MoneyOverflow) -> Money {
        let (sum, overflow) = minorUnits.addingReportingOverflow(other.minorUnits)
        guard !overflow else { throw MoneyOverflow() }
        return Money(sum)
    }

    /// - Throws: ``MoneyOverflow``.
    public func subtracting(_ other: Money) throws(MoneyOverflow) -> Money {
        let (difference, overflow) = minorUnits.subtractingReportingOverflow(other.minorUnits)
        guard !overflow else { throw MoneyOverflow() }
        return Money(difference)
    }

    /// - Throws: ``MoneyOverflow``.
    public func times(_ factor: Int64) throws(MoneyOverflow) -> Money {
        let (product, overflow) = minorUnits.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw MoneyOverflow() }
        return Money(product)
    }
}

/// An amount that does not fit into 64 bits.
public struct MoneyOverflow: Error, Sendable, Equatable {
    public init() {}
}

/// An ISO 4217 code.
public struct Currency: Hashable, Sendable, Codable, SQLBindable, CustomStringConvertible {
    public let code: String

    /// `nil` unless `code` is three capital letters.
    public init?(_ code: String) {
        guard code.utf8.count == 3, code.utf8.allSatisfy({ (65...90).contains($0) }) else { return nil }
        self.code = code
    }

    private init(known code: String) { self.code = code }

    public static let krw = Currency(known: "KRW")

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let currency = Currency(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an ISO 4217 code")
        }
        self = currency
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }

    public var sqlValue: SQLValue { .text(code) }
    public var description: String { code }
}
