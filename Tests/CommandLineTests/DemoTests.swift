import Foundation
import ProcessDriver
import Testing

@Suite struct `purchase demo` {
    private struct Report: Decodable {
        struct Timeline: Decodable {
            struct Ending: Decodable { let status: String }
            struct Step: Decodable {
                let service: String
                let isCompensation: Bool
                let changes: [String: Int64]
            }
            let scenario: String
            let order: String
            let ended: Ending
            let isAsAnnounced: Bool
            let steps: [Step]
        }
        struct Verification: Decodable {
            let settledOrders: Int
            let inFlightCount: Int
        }
        let isGood: Bool
        let timelines: [Timeline]
        let verification: Verification
    }

    @Test func `draws every order without a server, verifies, and leaves nothing behind`() async throws {
        try await withWorkspace { workspace in
            let demo = try await Self.demo([], in: workspace)
            #expect(demo.exit == .code(0), "\(demo.errors)")
            #expect(demo.errors.isEmpty)
            for text in ["COMPLETED", "FAILED", "CANCELLED", "◂ order.created", "▸ payment.processed", "↩ Users"] {
                #expect(demo.out.contains(text), "\(text)")
            }
            #expect(demo.out.contains("verified: all"))
            #expect(demo.out.contains("9 orders compared"))
            #expect(!demo.out.contains("\u{1B}"), "no colours where nobody sees them")
            #expect(try workspace.files().isEmpty)
        }
    }

    @Test func `prints one JSON object with every timeline`() async throws {
        try await withWorkspace { workspace in
            let demo = try await Self.demo(["--json"], in: workspace)
            #expect(demo.exit == .code(0), "\(demo.errors)")
            let report = try JSONDecoder().decode(Report.self, from: Data(demo.out.utf8))
            #expect(report.isGood)
            #expect(report.verification.settledOrders == 9)
            #expect(report.verification.inFlightCount == 0)
            #expect(report.timelines.map(\.ended.status).filter { $0 == "COMPLETED" }.count == 2)
            #expect(report.timelines.last?.ended.status == "CANCELLED")
            #expect(report.timelines.allSatisfy { $0.isAsAnnounced })
            let undone = report.timelines.flatMap(\.steps).filter(\.isCompensation)
            #expect(undone.contains { $0.changes["walletAvailable"] == 18_000 })
        }
    }

    @Test func `keeps its store when asked, and the other commands can read it`() async throws {
        try await withWorkspace { workspace in
            let demo = try await Self.demo(["--keep", "--only", "cancellation", "--json"], in: workspace)
            #expect(demo.exit == .code(0), "\(demo.errors)")
            let path = try #require(demo.errors.firstMatch(of: /kept: (.+)/)?.output.1)
            let report = try JSONDecoder().decode(Report.self, from: Data(demo.out.utf8))
            let order = try #require(report.timelines.first?.order)
            let verify = try await workspace.run(["verify", "--database", "\(path)", "--wait", "0"])
            #expect(verify.exit == .code(0) && verify.out.contains("1 settled orders, 0 in flight"), "\(verify.out)")
            let explain = try await workspace.run(["explain", order, "--database", "\(path)"])
            #expect(explain.exit == .code(0) && explain.out.contains("CANCELLED"), "\(explain.out)")
        }
    }

    @Test(arguments: [
        (["LANG": "ko_KR.UTF-8"], [], "고객"), (["LANG": "en_US.UTF-8"], [], "Customer"),
        (["LANG": "ko_KR.UTF-8", "LC_ALL": "C"], [], "Customer"), (["LANG": "C"], ["--language", "ko"], "고객"),
    ])
    func `speaks the language of its user`(
        environment: [String: String], options: [String], word: String
    ) async throws {
        try await withWorkspace { workspace in
            let demo = try await Self.demo(
                ["--only", "success"] + options, in: workspace, environment: environment)
            #expect(demo.exit == .code(0), "\(demo.errors)")
            #expect(demo.out.contains(word))
        }
    }

    @Test(arguments: [["--only", "miracle"], ["--pace", "sometimes"], ["--language", "fr"]])
    func `options that make no sense are said with what is possible`(options: [String]) async throws {
        try await withWorkspace { workspace in
            let demo = try await Self.demo(options, in: workspace)
            #expect(demo.exit == .code(64))
            #expect(demo.out.isEmpty)
            #expect(demo.errors.contains(options[1]))
        }
    }

    @Test func `an interruption ends it and leaves nothing behind`() async throws {
        try await withWorkspace { workspace in
            let program = try PurchaseProgram(
                ["demo", "--pace", "slow"], workspace.environment(["TMPDIR": workspace.folder.path]), in: workspace)
            try await until("the first step") { program.out.contains("order.created") }
            await program.signal(SIGINT)
            #expect(try await program.end(within: .seconds(10)) == .code(130))
            #expect(try workspace.files().isEmpty)
        }
    }

    private static func demo(
        _ options: [String], in workspace: Workspace, environment: [String: String] = [:]
    ) async throws -> Ended {
        try await workspace.run(
            ["demo"] + options, environment: ["TMPDIR": workspace.folder.path].merging(environment) { _, new in new })
    }
}
