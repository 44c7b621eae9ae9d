/// Splits the values of an `IN (…)` into parts of which each fits into a statement: SQLite binds 32,766 values at most
/// (sqlite.org/limits.html), and lists are filled up to the next power of two.
public enum BoundedList {
    private static let largest = 8192

    /// The values in order, in parts; none of no values.
    public static func parts<Value>(of values: [Value]) -> [[Value]] {
        guard values.count > largest else { return values.isEmpty ? [] : [values] }
        return stride(from: 0, to: values.count, by: largest).map {
            Array(values[$0..<min($0 + largest, values.count)])
        }
    }
}
