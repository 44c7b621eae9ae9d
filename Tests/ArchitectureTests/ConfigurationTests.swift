import Testing

/// A key that is documented and read by nothing is a promise that nobody keeps.
@Suite struct `The keys of the configuration` {
    private static let folder = "Sources/PurchaseApp/Configuration/"

    private func matches(_ pattern: String, in path: String) throws -> [String] {
        let file = try #require(SourceTree.files.first { $0.path == path })
        return try file.text.matches(of: Regex(pattern)).compactMap { $0.output[1].substring.map(String.init) }
    }

    /// The Swift files of which some code says `.name`.
    private func readers(of name: String) throws -> [SourceFile] {
        let pattern = try Regex("\\.\(name)(?!\\w)")
        return SourceTree.swift(under: "Sources/").filter { file in
            file.codeLines.contains { $0.firstMatch(of: pattern) != nil }
        }
    }

    @Test func `each is read`() throws {
        let keys = try matches(#"case (\w+) = "[A-Z_]+""#, in: "\(Self.folder)ConfigurationKey.swift")
        #expect(keys.count > 30)
        let unread = try keys.filter { key in
            try readers(of: key).allSatisfy { $0.path == "\(Self.folder)ConfigurationKey.swift" }
        }
        #expect(unread == [], "Nothing reads these keys: remove them, or write what they promise.")
    }

    @Test func `each value that is read means something to the program`() throws {
        let values = try matches(
            #"\n    public let (\w+):"#, in: "\(Self.folder)PurchaseConfiguration.swift")
        #expect(values.count > 20)
        let unused = try values.filter { value in
            try readers(of: value).allSatisfy { $0.path.hasPrefix(Self.folder) }
        }
        #expect(unused == [], "Nothing outside the configuration uses these values.")
    }
}
