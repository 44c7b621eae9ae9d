/// Splits the values of an `IN (…)` into parts of few different lengths, so that a database keeps few prepared statements.
public enum PaddedList {
    private static let largest = 128

    /// Parts of 1, 2, 4, … 128 values; the last is filled up with its last value, which changes nothing in an `IN`.
    public static func parts<Value>(of values: [Value]) -> [[Value]] {
        var parts: [[Value]] = []
        var rest = values[...]
        while let last = rest.prefix(largest).last {
            var part = Array(rest.prefix(largest))
            rest = rest.dropFirst(part.count)
            var length = 1
            while length < part.count { length *= 2 }
            part.append(contentsOf: repeatElement(last, count: length - part.count))
            parts.append(part)
        }
        return parts
    }
}
