/// Plans that once found something: they are repeated by every run.
public struct Corpus: Sendable {
    /// One plan a line of the text; `#` begins a comment.
    public let plans: [RunPlan]

    /// - Throws: ``RunPlan/Unreadable``.
    public init(_ text: String) throws {
        plans = try text.split(separator: "\n").compactMap { line in
            let content = line.prefix { $0 != "#" }
            return content.allSatisfy(\.isWhitespace) ? nil : try RunPlan(arguments: content)
        }
    }
}
