import Foundation
import ProcessDriver
import Testing

@Suite struct `Load and seed` {
    private struct Summary: Decodable {
        struct Report: Decodable {
            let statuses: [String: Int]
            let failures: [String: Int]
        }
        struct Outcome: Decodable { let orders: Int }

        let report: Report
        let outcome: Outcome?
        let violations: [String]?
        let inFlight: Int?
    }

    @Test(arguments: [
        ["--rate", "40", "--coupons", "0.3", "--cancel", "0.2", "--failure-rate", "0.2", "--lines", "2"],
        ["--saturate", "--connections", "8", "--hot-item", "1"],
        ["--saturate", "--connections", "8", "--mode", "read"],
        ["--saturate", "--connections", "8", "--mode", "coupon-preview"],
        ["--saturate", "--connections", "8", "--mode", "coupon-list"],
    ])
    func `a load on a server of its own is answered without error and verified`(options: [String]) async throws {
        try await withWorkspace { workspace in
            let load = try await workspace.run(
                ["load", "--json", "--duration", "1", "--warmup", "0", "--users", "5", "--items", "4"] + options,
                environment: ["TMPDIR": workspace.folder.path], within: .seconds(120))
            #expect(load.exit == .code(0), "\(load.out) \(load.errors)")
            let summary = try JSONDecoder().decode(Summary.self, from: Data(load.out.utf8))
            #expect(summary.violations == [])
            #expect(summary.inFlight == 0)
            #expect(summary.report.failures.isEmpty)
            #expect(summary.report.statuses.keys.allSatisfy { ["200", "201", "202", "409"].contains($0) })
            #expect(summary.report.statuses.values.reduce(0, +) > 0)
        }
    }

    @Test func `seed adds what is missing, and only that`() async throws {
        struct Seeded: Decodable {
            let users: [String]
            let new: Int
        }
        try await withWorkspace { workspace in
            func seed(_ options: String...) async throws -> Seeded {
                let ended = try await workspace.run(["seed", "--json", "--database", "s.sqlite"] + options)
                #expect(ended.exit == .code(0), "\(ended.errors)")
                return try JSONDecoder().decode(Seeded.self, from: Data(ended.out.utf8))
            }
            let first = try await seed("--users", "70", "--items", "3", "--coupons", "2")
            #expect(first.users.count == 70)
            #expect(first.new == 75)
            let second = try await seed("--users", "71", "--items", "3", "--coupons", "2")
            #expect(second.new == 1)
            #expect(Array(second.users.prefix(70)) == first.users)
            #expect(try await workspace.run(["verify", "--database", "s.sqlite", "--wait", "0"]).exit == .code(0))
        }
    }

    @Test(arguments: [
        ["load"], ["load", "--rate", "0"], ["load", "--saturate", "--rate", "5"],
        ["load", "--saturate", "--url", "http://127.0.0.1:1"], ["load", "--saturate", "--lines", "9", "--items", "2"],
        ["seed", "--users", "-1"],
    ])
    func `options that make no sense are said before anything starts`(arguments: [String]) async throws {
        try await withWorkspace { workspace in
            let ended = try await workspace.run(arguments)
            #expect(ended.exit == .code(64), "\(ended.errors)")
            #expect(try workspace.files().isEmpty)
        }
    }
}
