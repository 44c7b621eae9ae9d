import Foundation
import ProcessDriver
import Testing

@Suite struct `purchase simulate` {
    @Test func `two processes do the same for the same seeds`() async throws {
        try await withWorkspace { workspace in
            var prints: [String] = []
            for _ in 0..<2 {
                // One of each topology, and one more: a debug build takes seconds for each, and other tests run beside it.
                let result = try await workspace.run(["simulate", "--seeds", "4", "--from", "31", "--hashes"])
                #expect(result.exit == .code(0))
                // The first line says how long it took.
                prints.append(result.out.split(separator: "\n").dropFirst().joined(separator: "\n"))
            }
            #expect(prints[0] == prints[1])
            #expect(prints[0].split(separator: "\n").count == 4)
        }
    }

    @Test func `a seed is told as a story that ends with its fingerprint`() async throws {
        try await withWorkspace { workspace in
            let result = try await workspace.run(["simulate", "--from", "3", "--profile", "none", "--tell"])
            #expect(result.exit == .code(0))
            #expect(result.out.contains("order.completed of "))
            #expect(result.out.contains("fingerprint "))
            #expect(result.out.hasSuffix("clean\n"))
        }
    }

    @Test func `a plan that cannot be read is wrong usage`() async throws {
        try await withWorkspace { workspace in
            for options in [["--profile", "some"], ["--topology", "round"], ["--jobs", "0"]] {
                let result = try await workspace.run(["simulate"] + options)
                #expect(result.exit == .code(64), "\(options)")
            }
        }
    }
}
