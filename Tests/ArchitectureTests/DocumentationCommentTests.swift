import Testing

@Suite struct `Documentation comments` {
    /// Members whose meaning their protocol gives, under names everybody knows.
    private static var selfExplaining: Regex<AnyRegexOutput> {
        get throws {
            let members =
                #"init\(from |encode\(to |hash\(into |var description\b|var debugDescription\b|func (<|==) ?\("#
            let literals = #"init\(stringLiteral |init\(stringInterpolation|init\(literalCapacity|func appendLiteral\("#
            let builders = #"static func build[A-Z]\w*[<(]"#
            return try Regex(#"\b(\#(members)|\#(literals)|\#(builders))"#)
        }
    }

    /// A line that begins a public declaration; `public import` and `public extension` declare nothing of their own.
    private static var declaration: Regex<AnyRegexOutput> {
        get throws {
            try Regex(#"^\s*(@\w+(\([^)]*\))?\s+)*public\s+(?!import\b|extension\b)"#)
        }
    }

    @Test(arguments: House.libraries)
    func `every public declaration of a library module says what it is`(module: String) throws {
        let declaration = try Self.declaration
        let selfExplaining = try Self.selfExplaining
        var findings: [Finding] = []
        for file in SourceTree.swift(inModule: module) {
            let lines = file.lines
            for (index, line) in file.codeLines.enumerated()
            where line.firstMatch(of: declaration) != nil && line.firstMatch(of: selfExplaining) == nil {
                if !isDocumented(index, lines) {
                    let shown = line.trimmingPrefix(while: \.isWhitespace).prefix(80)
                    findings.append(Finding(file: file.path, line: index + 1, what: "`\(shown)`"))
                }
            }
        }
        expectNone(findings, toDo: "Write one line of `///` above it: what it is, its unit, what it throws.")
    }

    /// Whether `///` stands above the declaration, attributes of its own line or lines skipped.
    private func isDocumented(_ index: Int, _ lines: [Substring]) -> Bool {
        var above = index - 1
        while above >= 0, lines[above].trimmingPrefix(while: \.isWhitespace).hasPrefix("@") { above -= 1 }
        guard above >= 0 else { return false }
        let line = lines[above].trimmingPrefix(while: \.isWhitespace)
        return line.hasPrefix("///") || line.hasSuffix("*/")
    }
}
