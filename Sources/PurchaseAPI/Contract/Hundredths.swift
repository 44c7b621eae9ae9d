/// Decimal numbers with at most two places as integers, without a binary fraction on the way.
enum Hundredths {
    /// Reads a JSON number such as `12`, `12.5` or `-0.25`; `nil` with an exponent, a third decimal or beyond 64 bits.
    static func read(_ text: String) -> Int64? {
        let parts = text.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, parts.count < 2 || (1...2).contains(parts[1].count) else { return nil }
        let decimals = parts.count < 2 ? "" : parts[1]
        guard (whole + decimals).utf8.allSatisfy({ $0 == UInt8(ascii: "-") || (48...57).contains($0) }) else {
            return nil
        }
        return Int64(whole + decimals + String(repeating: "0", count: 2 - decimals.count))
    }

    /// As a JSON number, without trailing zeros.
    static func text(_ hundredths: Int64) -> String {
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = hundredths < 0 ? "-" : ""
        guard rest > 0 else { return "\(sign)\(whole)" }
        let digits = rest < 10 ? "0\(rest)" : "\(rest)"
        return "\(sign)\(whole).\(digits.hasSuffix("0") ? String(digits.dropLast()) : digits)"
    }
}
