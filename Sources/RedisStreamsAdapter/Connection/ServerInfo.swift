/// What INFO answers: lines of `name:value`.
struct ServerInfo {
    private let values: [Substring: Substring]

    init(_ text: String) {
        var values: [Substring: Substring] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...]
        }
        self.values = values
    }

    subscript(name: String) -> String? { values[name[...]].map(String.init) }

    /// Whether a version such as `7.0.15` comes before `floor`. What is no version is not older.
    static func isOlder(_ version: String, than floor: [Int]) -> Bool {
        let numbers = version.split(separator: ".").compactMap { Int($0) }
        return !numbers.isEmpty && numbers.lexicographicallyPrecedes(floor)
    }
}
