import Foundation
import Testing

@Suite struct CommandLineTests {
    private let secret = "k8sQ2zV7-command-line-Hn4xLw9TfB3mYp6R"

    @Test func `every bad key is listed at once, exit 78, nothing is started`() async throws {
        try await withFolder { folder in
            let result = try await Program.run(
                ["serve"],
                environment: [
                    "PORT": "70000", "PAYMENT_SUCCESS_RATE": "1.5", "DATABASE_TYPE": "postgres", "JWT_SECRET": "short",
                    "NOTIFICATION_ENABLED": "yes", "SAGA_RETRY_COUNT": "-1",
                ], folder: folder)
            #expect(result.status == 78)
            for key in [
                "PORT", "PAYMENT_SUCCESS_RATE", "DATABASE_TYPE", "JWT_SECRET", "NOTIFICATION_ENABLED",
                "SAGA_RETRY_COUNT",
            ] {
                #expect(result.errors.contains("  \(key): "), "\(key) in: \(result.errors)")
            }
            #expect(!result.errors.contains("'short'"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        }
    }

    @Test func `production does not start without a secret and a word on payments`() async throws {
        try await withFolder { folder in
            let result = try await Program.run(["serve", "--env", "production"], folder: folder)
            #expect(result.status == 78)
            #expect(result.errors.contains("JWT_SECRET: is required in production"))
            #expect(result.errors.contains("PAYMENT_GATEWAY: is required in production"))
        }
    }

    @Test func `config says where each value comes from and masks secrets`() async throws {
        try await withFolder { folder in
            try Data("PORT=4444\nAPP_NAME=Local\n".utf8).write(to: folder.appendingPathComponent(".env.local"))
            try Data("PORT=5555\nCURRENCY=EUR\n".utf8).write(to: folder.appendingPathComponent(".env.test"))
            let result = try await Program.run(
                ["config", "--json", "--database", "given.sqlite"],
                environment: ["APP_ENV": "test", "JWT_SECRET": secret, "PAYMENT_SUCCESS_RATE": "0"], folder: folder)
            struct Entry: Decodable {
                let key: String
                let value: String
                let source: String
            }
            let entries = try JSONDecoder().decode([Entry].self, from: Data(result.output.utf8))
            let values = Dictionary(uniqueKeysWithValues: entries.map { ($0.key, "\($0.value) from \($0.source)") })
            #expect(values["DATABASE_NAME"] == "given.sqlite from command line")
            #expect(values["PORT"] == "4444 from .env.local")
            #expect(values["CURRENCY"] == "EUR from .env.test")
            #expect(values["PAYMENT_SUCCESS_RATE"] == "0 from environment")
            #expect(values["SAGA_RETRY_COUNT"] == "3 from default")
            #expect(!result.output.contains(secret))
        }
    }

    @Test func `a second server on one database is refused in one line that says what to do`() async throws {
        try await withFolder { folder in
            let arguments = ["serve", "--port", "0", "--database", "one.sqlite"]
            let first = try Program(arguments, environment: ["JWT_SECRET": secret], folder: folder)
            _ = try await first.port()
            let second = try await Program.run(arguments, environment: ["JWT_SECRET": secret], folder: folder)
            #expect(second.status == 69)
            #expect(second.errors.contains("SQLite takes one writer: stop it, or choose another DATABASE_NAME"))
            let verify = try await Program.run(
                ["verify", "--database", "one.sqlite"], environment: ["JWT_SECRET": secret], folder: folder)
            #expect(verify.status == 0)
            first.terminate()
            #expect(await first.finish(within: 15).status == 0)
        }
    }

    @Test func `a taken port is said in one line with another to try`() async throws {
        try await withFolder { folder in
            let first = try Program(
                ["serve", "--port", "0", "--database", "a.sqlite"], environment: ["JWT_SECRET": secret], folder: folder)
            let port = try await first.port()
            let second = try await Program.run(
                ["serve", "--port", "\(port)", "--database", "b.sqlite"],
                environment: ["JWT_SECRET": secret, "LOG_LEVEL": "critical"], folder: folder)
            #expect(second.status == 69, "\(second.errors)")
            #expect(second.errors.contains("port \(port) is taken"))
            first.terminate()
            #expect(await first.finish(within: 15).status == 0)
        }
    }

    @Test func `migrate, verify, token and graph work and refuse what is wrong`() async throws {
        try await withFolder { folder in
            let environment = ["JWT_SECRET": secret]
            func run(_ arguments: String...) async throws -> Program.Result {
                try await Program.run(arguments, environment: environment, folder: folder)
            }
            let missing = try await run("verify", "--database", "x.sqlite")
            #expect(missing.status == 69 && missing.errors.contains("there is no database at 'x.sqlite'"))
            #expect(
                try await run("migrate", "--database", "x.sqlite", "--dry-run").output.contains(
                    "would apply orders/0001"))
            #expect(try await run("migrate", "--database", "x.sqlite").output.contains("applied orders/0001"))
            #expect(try await run("migrate", "--database", "x.sqlite").output.contains("up to date"))
            #expect(try await run("verify", "--database", "x.sqlite", "--wait", "0").output.contains("clean"))
            #expect(try await run("token", "--user", "x").status == 64)
            #expect(try await run("token", "--user", UUID().uuidString, "--role", "king").status == 64)
            let token = try await run("token", "--user", UUID().uuidString, "--role", "admin")
            #expect(token.output.split(separator: ".").count == 3)
            let graph = try await run("graph")
            #expect(graph.status == 0 && graph.output.hasPrefix("flowchart LR") && graph.errors.isEmpty)
            #expect(try await run("graph", "--format", "table").output.contains("| `payment.processed` |"))
            #expect(try await run("serve", "--nonsense").status == 64)
        }
    }
}
