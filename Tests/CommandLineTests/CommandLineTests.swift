import Foundation
import ProcessDriver
import Testing

@Suite struct `The command line` {
    private let secret = "k8sQ2zV7-command-line-Hn4xLw9TfB3mYp6R"

    @Test func `serve lists every bad key at once, ends with 78 and starts nothing`() async throws {
        try await withWorkspace { workspace in
            let result = try await workspace.run(
                ["serve"],
                environment: [
                    "PORT": "70000", "PAYMENT_SUCCESS_RATE": "1.5", "DATABASE_TYPE": "oracle", "JWT_SECRET": "short",
                    "NOTIFICATION_ENABLED": "yes", "SAGA_RETRY_COUNT": "-1",
                ], isBare: true)
            #expect(result.exit == .code(78))
            for key in [
                "PORT", "PAYMENT_SUCCESS_RATE", "DATABASE_TYPE", "JWT_SECRET", "NOTIFICATION_ENABLED",
                "SAGA_RETRY_COUNT",
            ] {
                #expect(result.errors.contains("  \(key): "), "\(key) in: \(result.errors)")
            }
            #expect(!result.errors.contains("'short'"))
            #expect(try workspace.files().isEmpty)
        }
    }

    @Test func `production does not start without a secret and a word on payments`() async throws {
        try await withWorkspace { workspace in
            let result = try await workspace.run(["serve", "--env", "production"], isBare: true)
            #expect(result.exit == .code(78))
            #expect(result.errors.contains("JWT_SECRET: is required in production"))
            #expect(result.errors.contains("PAYMENT_GATEWAY: is required in production"))
        }
    }

    @Test func `config says where each value comes from and masks secrets`() async throws {
        struct Entry: Decodable {
            let key: String
            let value: String
            let source: String
        }
        try await withWorkspace { workspace in
            try Data("PORT=4444\nAPP_NAME=Local\n".utf8).write(to: URL(filePath: workspace.path(".env.local")))
            try Data("PORT=5555\nCURRENCY=EUR\n".utf8).write(to: URL(filePath: workspace.path(".env.test")))
            let result = try await workspace.run(
                ["config", "--json", "--database", "given.sqlite"],
                environment: ["APP_ENV": "test", "JWT_SECRET": secret, "PAYMENT_SUCCESS_RATE": "0"], isBare: true)
            let entries = try JSONDecoder().decode([Entry].self, from: Data(result.out.utf8))
            let values = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, "\($0.value) from \($0.source)") })
            #expect(values["DATABASE_NAME"] == "given.sqlite from command line")
            #expect(values["PORT"] == "4444 from .env.local")
            #expect(values["CURRENCY"] == "EUR from .env.test")
            #expect(values["PAYMENT_SUCCESS_RATE"] == "0 from environment")
            #expect(values["SAGA_RETRY_COUNT"] == "3 from default")
            #expect(!result.out.contains(secret))
        }
    }

    @Test func `a second server on one database is refused in one line that says what to do, a reader is not`()
        async throws
    {
        try await withWorkspace { workspace in
            let first = try await Server.start(in: workspace)
            let second = try await workspace.run(
                ["serve", "--port", "0", "--env", "test", "--database", workspace.database])
            #expect(second.exit == .code(69))
            #expect(second.errors.contains("SQLite takes one writer: stop it, or choose another DATABASE_NAME"))
            let verify = try await workspace.run(["verify", "--database", workspace.database])
            #expect(verify.exit == .code(0))
            #expect(try await first.stop() == .code(0))
        }
    }

    @Test func `a taken port is said in one line with another to try`() async throws {
        try await withWorkspace { workspace in
            let first = try await Server.start(in: workspace)
            let port = try #require(first.url.split(separator: ":").last)
            let second = try await workspace.run(
                ["serve", "--port", "\(port)", "--env", "test", "--database", "b.sqlite"],
                environment: ["LOG_LEVEL": "trace"])
            #expect(second.exit == .code(69), "\(second.errors)")
            #expect(try !workspace.files().contains("b.sqlite"), "nothing was changed")
            #expect(second.errorLines.count == 1)
            #expect(
                second.errors.contains("port \(port) (PORT) is taken; end whoever listens there, or choose another"))
            #expect(try await first.stop() == .code(0))
        }
    }

    @Test func `migrate says what it would do, does it once, and verify needs a database`() async throws {
        try await withWorkspace { workspace in
            let missing = try await workspace.run(["verify", "--database", "x.sqlite"])
            #expect(missing.exit == .code(69) && missing.errors.contains("there is no database at 'x.sqlite'"))
            let migrate = ["migrate", "--database", "x.sqlite"]
            #expect(try await workspace.run(migrate + ["--dry-run"]).out.contains("would apply orders/0001"))
            #expect(try await workspace.run(migrate).out.contains("applied orders/0001"))
            #expect(try await workspace.run(migrate).out.contains("up to date"))
            #expect(
                try await workspace.run(["verify", "--database", "x.sqlite", "--wait", "0"]).out.contains("clean"))
        }
    }

    @Test func `token takes ids and roles that exist`() async throws {
        try await withWorkspace { workspace in
            #expect(try await workspace.run(["token", "--user", "x"]).exit == .code(64))
            #expect(
                try await workspace.run(["token", "--user", UUID().uuidString, "--role", "king"]).exit == .code(64))
            let token = try await workspace.run(["token", "--user", UUID().uuidString, "--role", "admin"])
            #expect(token.out.split(separator: ".").count == 3)
        }
    }

    @Test func `graph prints Mermaid or a table, and nothing else`() async throws {
        try await withWorkspace { workspace in
            let graph = try await workspace.run(["graph"])
            #expect(graph.exit == .code(0) && graph.out.hasPrefix("flowchart LR") && graph.errors.isEmpty)
            #expect(
                try await workspace.run(["graph", "--format", "table"]).out.contains("| `payment.processed` |"))
            #expect(try await workspace.run(["serve", "--nonsense"]).exit == .code(64))
        }
    }
}

/// A workspace that is removed afterwards; kept when a test throws, since its files are the evidence.
func withWorkspace(_ body: (Workspace) async throws -> Void) async throws {
    let workspace = try Workspace("command-line")
    try await body(workspace)
    workspace.remove()
}
