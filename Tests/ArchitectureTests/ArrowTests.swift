import Testing

@Suite struct `The arrows of the house` {
    /// The modules that a line of code imports: `import X`, `@testable import X`, `import struct X.Y`.
    private func imports(of file: SourceFile) throws -> [(module: String, line: Int)] {
        let pattern =
            #/^\s*(?:@\w+\s+)*(?:public\s+|package\s+|internal\s+|fileprivate\s+|private\s+)?import\s+(?:(?:struct|class|enum|protocol|func|let|var|typealias)\s+)?(\w+)/#
        return file.codeLines.enumerated().compactMap { index, line in
            line.firstMatch(of: pattern).map { (String($0.output.1), index + 1) }
        }
    }

    @Test func `every module has its place in the house`() {
        let unknown = SourceTree.modules.filter { House.mayImport[$0] == nil }
        expectNone(
            unknown.map { Finding(file: "Sources/\($0)", line: 1, what: "no arrows are drawn for this module") },
            toDo: "Say in Tests/ArchitectureTests/House.swift what it may import.")
        #expect(
            SourceTree.modules.contains("SagaChoreography"), "The source tree was not found at \(SourceTree.root.path)."
        )
    }

    @Test(arguments: SourceTree.modules)
    func `a module imports only what its arrows allow`(module: String) throws {
        let allowed = House.mayImport[module] ?? []
        var findings: [Finding] = []
        for file in SourceTree.swift(inModule: module) {
            for found in try imports(of: file) where !allowed.contains(found.module) {
                findings.append(
                    Finding(file: file.path, line: found.line, what: "\(module) must not import \(found.module)"))
            }
        }
        expectNone(
            findings,
            toDo: """
                Pass what is needed through a port, an event, or from the composition root; a new arrow is a decision \
                that belongs into docs/adr.
                """)
    }

    @Test(arguments: House.services)
    func `a service names only its own tables in SQL`(service: String) throws {
        let own = House.tablePrefixes[service] ?? []
        let others = Set(House.tablePrefixes.values.joined()).subtracting(own).sorted().joined(separator: "|")
        let findings = try search(
            SourceTree.swift(inModule: service),
            for: #"\b(FROM|JOIN|INTO|UPDATE|TABLE|REFERENCES|ON)\s+(\#(others))_[a-z]\w*"#, in: \.lines
        ) { "\(service) touches another service's table: \($0)" }
        expectNone(findings, toDo: "Take what is needed from an event and keep a read model of your own.")
    }

    @Test(arguments: House.services)
    func `a service's migrations create only tables that carry its name`(service: String) throws {
        let own = House.tablePrefixes[service] ?? []
        let files = SourceTree.swift(under: "Sources/\(service)/Store/Migrations/")
        let findings = try search(
            files, for: #"CREATE\s+(VIRTUAL\s+)?TABLE\s+(IF NOT EXISTS\s+)?[\w.]+"#, in: \.lines
        ) { created in
            // In PostgreSQL each service has a schema, too.
            let name = created.split(separator: " ").last.map(String.init) ?? ""
            let table = name.split(separator: ".").last.map(String.init) ?? name
            return own.contains { table.hasPrefix("\($0)_") } ? nil : "table \(table) lacks the prefix of \(service)"
        }
        expectNone(findings, toDo: "Prefix the table with the service's name, so that its data can move out with it.")
    }
}
