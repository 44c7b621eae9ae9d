import Foundation
import Testing

/// What lies in deploy/, read as text.
@Suite struct `The deployment files` {
    private func file(_ path: String) throws -> SourceFile {
        try #require(SourceTree.files.first { $0.path == "deploy/\(path)" })
    }

    private func keys() throws -> Set<String> {
        let source = try #require(
            SourceTree.files.first { $0.path == "Sources/PurchaseApp/Configuration/ConfigurationKey.swift" })
        return Set(source.text.matches(of: #/case \w+ = "([A-Z_]+)"/#).map { String($0.output.1) })
    }

    @Test func `set only keys that the program reads`() throws {
        let known = try keys()
        // PostgreSQL's own begin with POSTGRES_.
        let composed = try file("compose.yaml").text.matches(of: #/(?:\n +|target: )([A-Z][A-Z_]+)(?::|\})/#).map {
            String($0.output.1)
        }.filter { !$0.hasPrefix("POSTGRES_") && $0 != "ALL" && $0 != "CMD" }
        #expect(composed.count > 20)
        #expect(Set(composed).subtracting(known) == [])
        let image = try #require(try file("Containerfile").lines.first { $0.hasPrefix("ENV ") })
        let set = image.matches(of: #/([A-Z_]+)=/#).map { String($0.output.1) }
        #expect(Set(set).subtracting(known) == [])
    }

    @Test func `run every service somewhere, and the API`() throws {
        let run = try file("compose.yaml").text.matches(of: #/SERVICES: ([a-z,]+)/#).flatMap {
            $0.output.1.split(separator: ",").map(String.init)
        }
        #expect(run.sorted() == (House.services.map { $0.lowercased() } + ["api"]).sorted())
    }

    @Test func `hold no secret, and open nothing but loopback`() throws {
        let compose = try file("compose.yaml")
        for line in compose.lines where line.contains("ports:") {
            #expect(line.contains(#"["127.0.0.1:"#), "\(line)")
        }
        let given = compose.lines.filter { $0.firstMatch(of: #/^ +[A-Z_]*(?:PASSWORD|SECRET|API_KEY): /#) != nil }
        #expect(given == [], "A secret comes from a file.")
        for line in compose.lines where line.contains("image: docker.io/") {
            #expect(line.firstMatch(of: #/:[0-9][\w.-]*$/#) != nil, "\(line): an image without a version")
        }
        #expect(try file("Containerfile").text.contains("\nUSER 10001:10001\n"))
    }
}
