import Foundation
import Testing

@testable import PurchaseAPI

/// What docs/api.md says of who may use what is what ``AccessTableTests`` tries.
@Suite struct `The role table of the documents` {
    /// Paths with their methods, and who may use them, as the table has it: read, not made again by what wrote it.
    private static func table(in document: String) throws -> [(path: String, who: String)] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "docs/\(document)"), encoding: .utf8)
        return text.split(separator: "\n").compactMap { line in
            guard let row = line.wholeMatch(of: /\| `([A-Z]+ \/[^`]*)` \| ([a-z_]+) \|.*/) else { return nil }
            return (String(row.1), String(row.2))
        }
    }

    @Test(arguments: ["api.md", "api.ko.md"])
    func `has every path that is served, once, with its role, and no other`(document: String) async throws {
        let table = try Self.table(in: document)
        try await APIHarness.run { api in
            let who = Dictionary(table.map { ($0.path, [$0.who]) }, uniquingKeysWith: +)
            for route in api.routes { #expect(who[route.name] == [route.access.name], "\(route.name)") }
            let served = Set(api.routes.map(\.name))
            for row in table { #expect(served.contains(row.path), "\(row.path) is not served") }
        }
    }

    @Test(arguments: ["api.md", "api.ko.md"])
    func `calls every role as the text above it does`(document: String) throws {
        let known: Set = Set(AccessRole.allCases.map(\.rawValue) + ["guest", "self", "signature"])
        let named = Set(try Self.table(in: document).map(\.who))
        #expect(!named.isEmpty && named.isSubset(of: known), "\(named)")
    }
}
