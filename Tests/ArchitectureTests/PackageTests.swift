import Testing

@Suite struct `The package manifest` {
    private var manifest: SourceFile? { SourceTree.files.first { $0.path == "Package.swift" } }

    /// What follows `module("Name"` up to its closing parenthesis, and the line it begins on.
    private func declaration(of module: String) -> (text: String, line: Int)? {
        guard let text = manifest?.text,
            let start = text.firstRange(of: "module(\"\(module)\"")
                ?? text.firstRange(of: "module(\n            \"\(module)\"")
        else { return nil }
        var depth = 0
        var end = start.lowerBound
        for index in text[start.lowerBound...].indices {
            if text[index] == "(" { depth += 1 }
            if text[index] == ")" { depth -= 1 }
            end = index
            if depth == 0, text[index] == ")" { break }
        }
        let line = text[..<start.lowerBound].count { $0 == "\n" } + 1
        return (String(text[start.lowerBound...end]), line)
    }

    private func dependencies(in declaration: String, of module: String) -> Set<String> {
        Set(declaration.matches(of: #/"([\w.]+)"/#).map { String($0.output.1) }).subtracting([module])
    }

    @Test(arguments: [
        "SagaChoreography": Set<String>(),
        "SQLCore": [],
        "SagaSQL": ["SagaChoreography", "SQLCore"],
        "SQLiteAdapter": ["SQLCore", "CSQLiteStart", "GRDB", "GRDBSQLite", "GRDB.swift"],
        "RedisStreamsAdapter": ["SagaChoreography", "SQLCore", "CRedis"],
        "PurchaseContracts": ["SagaChoreography", "SQLCore"],
    ])
    func `the lower floors depend on exactly what they are built on`(module: String, expected: Set<String>) throws {
        let found = try #require(declaration(of: module), "Package.swift has no module \(module).")
        let actual = dependencies(in: found.text, of: module)
        #expect(
            actual == expected,
            "Package.swift:\(found.line): \(module) depends on \(actual.sorted()), the house allows \(expected.sorted())."
        )
    }

    @Test(arguments: House.services)
    func `a service depends on the service floor and on nothing else`(service: String) throws {
        let found = try #require(declaration(of: service), "Package.swift has no module \(service).")
        #expect(
            found.text == "module(\"\(service)\", serviceDependencies)",
            "Package.swift:\(found.line): \(service) must depend on serviceDependencies alone; it says \(found.text).")
    }

    @Test func `the service floor holds no service`() throws {
        let line = try #require(manifest?.lines.first { $0.hasPrefix("let serviceDependencies") })
        let names = Set(line.matches(of: #/"(\w+)"/#).map { String($0.output.1) })
        #expect(names == ["SagaChoreography", "SQLCore", "SagaSQL", "PurchaseContracts"])
    }

    @Test func `warnings are errors everywhere`() throws {
        let manifest = try #require(manifest)
        #expect(
            manifest.text.contains(".treatAllWarnings(as: .error)"),
            "Package.swift: settings must treat warnings as errors.")
        let targets = try search([manifest], for: #"\.(target|executableTarget|testTarget)\("#) { String($0) }
        let strict = manifest.text.matches(of: #/swiftSettings: strict/#).count
        #expect(
            strict == targets.count,
            "Package.swift: \(targets.count) target declarations, \(strict) with `swiftSettings: strict`; give each of them."
        )
    }
}
