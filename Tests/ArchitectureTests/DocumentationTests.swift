import Foundation
import Testing

@Suite struct `The documents` {
    private var documents: [SourceFile] { SourceTree.files.filter { $0.path.hasSuffix(".md") } }

    /// Guides exist in two languages; decisions, the change log and rules for contributors in English.
    private var guides: [SourceFile] {
        documents.filter {
            ($0.path.hasPrefix("docs/") && !$0.path.hasPrefix("docs/adr/")) || $0.path.hasPrefix("README")
        }
    }

    @Test func `every guide exists in English and in Korean`() {
        let paths = Set(documents.map(\.path))
        let findings = guides.compactMap { guide -> Finding? in
            let isKorean = guide.path.hasSuffix(".ko.md")
            let twin =
                isKorean
                ? guide.path.replacing(".ko.md", with: ".md") : guide.path.replacing(".md", with: ".ko.md")
            return paths.contains(twin) ? nil : Finding(file: guide.path, line: 1, what: "\(twin) is missing")
        }
        expectNone(findings, toDo: "Write the other language in the same change.")
        #expect(!guides.isEmpty)
    }

    @Test func `a guide has the same parts in both languages`() {
        let byPath = Dictionary(uniqueKeysWithValues: documents.map { ($0.path, $0) })
        let findings = guides.filter { $0.path.hasSuffix(".ko.md") }.compactMap { korean -> Finding? in
            guard let english = byPath[korean.path.replacing(".ko.md", with: ".md")] else { return nil }
            let (here, there) = (outline(of: korean), outline(of: english))
            guard here != there else { return nil }
            return Finding(
                file: korean.path, line: 1, what: "headings, tables and code blocks \(here), in English \(there)")
        }
        expectNone(findings, toDo: "Bring headings, table rows and code blocks of both into step.")
    }

    /// How many headings of each level, rows of tables and code fences a document has.
    private func outline(of document: SourceFile) -> [String: Int] {
        var counts: [String: Int] = [:]
        var isCode = false
        for line in document.lines {
            if line.hasPrefix("```") {
                isCode.toggle()
                counts["fences", default: 0] += 1
            } else if !isCode, let heading = line.firstMatch(of: #/^(#+) /#) {
                counts[String(heading.output.1), default: 0] += 1
            } else if !isCode, line.hasPrefix("|") {
                counts["rows", default: 0] += 1
            }
        }
        return counts
    }

    @Test func `every relative link leads somewhere`() {
        var findings: [Finding] = []
        for document in documents {
            let folder = SourceTree.root.appending(path: document.path).deletingLastPathComponent()
            for (index, line) in document.lines.enumerated() {
                for link in line.matches(of: #/\]\(([^)\s#]+)[^)]*\)/#) {
                    let target = String(link.output.1)
                    if target.contains("://") || target.hasPrefix("mailto:") { continue }
                    if !FileManager.default.fileExists(atPath: folder.appending(path: target).path) {
                        findings.append(Finding(file: document.path, line: index + 1, what: "\(target) does not exist"))
                    }
                }
            }
        }
        expectNone(findings, toDo: "Correct the link.")
    }

    @Test func `every test that a guide points to exists`() {
        var findings: [Finding] = []
        for guide in guides {
            for (index, line) in guide.lines.enumerated() {
                for mention in line.matches(of: #/`(\w+Tests)(?:\/(\w+))?`/#) {
                    let folder = "Tests/\(mention.output.1)/"
                    let file = mention.output.2.map { "\(folder)\($0).swift" } ?? folder
                    let tests = SourceTree.files.filter { $0.path.hasPrefix(file) && $0.text.contains("@Test") }
                    if tests.isEmpty {
                        findings.append(Finding(file: guide.path, line: index + 1, what: "no test in \(file)"))
                    }
                }
            }
        }
        expectNone(findings, toDo: "Name the file that shows it, or write the test.")
    }

    @Test func `the guide to the configuration lists every key that is read, and no other`() throws {
        let source = try #require(
            SourceTree.files.first { $0.path == "Sources/PurchaseApp/Configuration/ConfigurationKey.swift" })
        let read = Set(source.text.matches(of: #/case \w+ = "([A-Z_]+)"/#).map { String($0.output.1) })
        for path in ["docs/configuration.md", "docs/configuration.ko.md"] {
            let guide = try #require(documents.first { $0.path == path })
            let written = Set(
                guide.text.matches(of: #/\b[A-Z][A-Z]+_[A-Z_]+[A-Z]\b|\b(?:HOST|PORT|CURRENCY|SERVICES)\b/#).map {
                    String($0.output)
                })
            #expect(read.subtracting(written) == [], "\(path) does not say what these keys do.")
            #expect(written.subtracting(read) == [], "\(path) explains keys that nothing reads.")
        }
    }

    @Test func `the guide to the metrics explains every metric, and no other`() throws {
        let path = "Sources/PurchaseApp/Metrics/MetricNames.swift"
        let names = try #require(SourceTree.files.first { $0.path == path })
        let shown = Set(names.text.matches(of: #/"([a-z_]+)":/#).map { String($0.output.1) })
        #expect(!shown.isEmpty)
        for path in ["docs/metrics.md", "docs/metrics.ko.md"] {
            let guide = try #require(documents.first { $0.path == path })
            let written = Set(
                guide.text.matches(of: #/`((?:purchase|saga|process)_[a-z_]+)`/#).map { String($0.output.1) })
            #expect(shown.subtracting(written) == [], "\(path) does not explain these metrics.")
            #expect(written.subtracting(shown) == [], "\(path) explains metrics that nobody writes.")
        }
    }

    @Test func `decisions are numbered without gaps and have their three parts`() {
        let decisions = documents.filter { $0.path.hasPrefix("docs/adr/0") }
        var findings: [Finding] = []
        for (index, decision) in decisions.enumerated() {
            let number = String(index + 1)
            let expected = String(repeating: "0", count: 4 - number.count) + number
            if !decision.name.hasPrefix(expected) {
                findings.append(Finding(file: decision.path, line: 1, what: "expected number \(expected)"))
            }
            for part in ["## Context", "## Decision", "## Consequences"] where !decision.text.contains(part) {
                findings.append(Finding(file: decision.path, line: 1, what: "no part '\(part)'"))
            }
        }
        expectNone(findings, toDo: "Follow docs/adr/README.md.")
    }
}
