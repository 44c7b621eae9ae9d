import Foundation
import Testing

/// What Prometheus is told in deploy/prometheus, read as text: whether it fires is promtool's to say.
@Suite struct `The alerts` {
    private func file(_ name: String) throws -> SourceFile {
        try #require(SourceTree.files.first { $0.path == "deploy/prometheus/\(name)" })
    }

    private func names() throws -> [String] {
        try file("alerts.yml").text.matches(of: #/- alert: (\w+)/#).map { String($0.output.1) }
    }

    @Test func `each looks at metrics that the program writes`() throws {
        let source = try #require(
            SourceTree.files.first { $0.path == "Sources/PurchaseApp/Metrics/MetricNames.swift" })
        let known = Set(source.text.matches(of: #/"([a-z_]+)":/#).map { String($0.output.1) })
        let expressions = try file("alerts.yml").lines.filter { $0.contains("expr:") }
        #expect(try expressions.count == names().count)
        for expression in expressions {
            let used = expression.matches(of: #/\b(?:purchase|saga|process)_[a-z_]+/#).map { match in
                String(match.output).replacing(#/_(?:bucket|count|sum)$/#, with: "")
            }
            #expect(!used.isEmpty || expression.contains("up{"), "\(expression)")
            #expect(Set(used).subtracting(known) == [], "\(expression)")
        }
    }

    @Test func `each is in the guide to operation, and no other`() throws {
        for path in ["docs/operation.md", "docs/operation.ko.md"] {
            let guide = try #require(SourceTree.files.first { $0.path == path })
            let written = guide.text.matches(of: #/\n\| `(Purchase\w+)` \|/#).map { String($0.output.1) }
            #expect(try written == names(), "\(path)")
        }
    }

    @Test func `each has a test of its own, and says what to do`() throws {
        let tests = try file("alerts.test.yml").text
        let rules = try file("alerts.yml").text
        let count = try names().count
        #expect(count > 10)
        for name in try names() {
            #expect(tests.contains("- name: \(name)\n"), "no test for \(name)")
            #expect(tests.contains("alertname=\"\(name)\""), "no test in which \(name) fires")
        }
        for part in ["severity: ", "summary: ", "runbook: "] {
            #expect(rules.components(separatedBy: part).count - 1 == count, "\(part)is missing somewhere")
        }
    }
}
