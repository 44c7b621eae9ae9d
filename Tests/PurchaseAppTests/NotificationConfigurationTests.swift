import Foundation
import SMTPAdapter
import Testing
import WebhookNotifier

@testable import PurchaseApp

@Suite struct `The configuration of notifications` {
    private static let mail = [
        "NOTIFICATION_TYPE": "email", "SMTP_HOST": "mail.example", "SMTP_FROM": "가게 <orders@shop.example>",
    ]
    private static let webhook = [
        "NOTIFICATION_TYPE": "webhook", "NOTIFICATION_WEBHOOK_URL": "https://push.example/hooks/3fT9?shop=1",
        "NOTIFICATION_WEBHOOK_SECRET": "whsec_3b8e1f9a02c85d64",
    ]
    private static let all = mail.merging(webhook) { $1 }.merging(["NOTIFICATION_TYPE": "all"]) { $1 }
    private static let production = [
        "APP_ENV": "production", "JWT_SECRET": "k8sQ2zV7-configuration-Hn4xLw9TfB3mYp6R",
        "PAYMENT_GATEWAY": "simulated",
    ]

    private func load(_ environment: [String: String]) async throws -> PurchaseConfiguration {
        try await PurchaseConfiguration.load(environment: environment, directory: "/nowhere")
    }

    /// What is wrong with it, by key.
    private func problems(_ environment: [String: String]) async throws -> [String: String] {
        do {
            _ = try await load(environment)
            return [:]
        } catch let problems as ConfigurationProblems {
            return Dictionary(problems.problems.map { ($0.key, $0.what) }, uniquingKeysWith: { "\($0); \($1)" })
        }
    }

    @Test(arguments: [
        ("console", [true, false, false]), ("email", [false, true, false]), ("webhook", [false, false, true]),
        ("all", [true, true, true]), ("email, webhook", [false, true, true]), ("webhook,console", [true, false, true]),
    ])
    func `the channels are those that are named`(_ type: String, _ expected: [Bool]) async throws {
        let choice = try await load(Self.all.merging(["NOTIFICATION_TYPE": type]) { $1 }).notifications
        #expect([choice.hasConsole, choice.mail != nil, choice.webhook != nil] == expected)
    }

    @Test func `switched off there is no channel, and nothing is required`() async throws {
        let choice = try await load(["NOTIFICATION_TYPE": "all", "NOTIFICATION_ENABLED": "false"]).notifications
        #expect(!choice.hasConsole && choice.mail == nil && choice.webhook == nil)
    }

    @Test(arguments: ["SMTP_HOST", "SMTP_FROM"], ["email", "all"])
    func `mail needs each of its keys`(_ key: String, _ type: String) async throws {
        let found = try await problems(
            Self.all.merging(["NOTIFICATION_TYPE": type]) { $1 }.filter { $0.key != key })
        #expect(found == [key: "is required with NOTIFICATION_TYPE=email or all"])
    }

    @Test(arguments: ["NOTIFICATION_WEBHOOK_URL", "NOTIFICATION_WEBHOOK_SECRET"], ["webhook", "all"])
    func `a webhook needs each of its keys`(_ key: String, _ type: String) async throws {
        let found = try await problems(
            Self.all.merging(["NOTIFICATION_TYPE": type]) { $1 }.filter { $0.key != key })
        #expect(found == [key: "is required with NOTIFICATION_TYPE=webhook or all"])
    }

    @Test(arguments: [("none", 25), ("starttls", 587), ("tls", 465)])
    func `the port follows the protection`(_ tls: String, _ port: Int) async throws {
        let usual = try await load(Self.mail.merging(["SMTP_TLS": tls]) { $1 })
        #expect(usual.notifications.mail?.server.port == port)
        #expect(usual.report.contains { $0.key == "SMTP_PORT" && $0.value == String(port) })
        let own = try await load(Self.mail.merging(["SMTP_TLS": tls, "SMTP_PORT": "2525"]) { $1 })
        #expect(own.notifications.mail?.server.port == 2525)
    }

    @Test func `what is said is taken`() async throws {
        let configuration = try await load(
            Self.all.merging([
                "SMTP_USER": "shop", "SMTP_PASS": "correct horse", "SMTP_FALLBACK_TO": "{user}@customers.example",
                "SMTP_CONNECT_TIMEOUT": "1500", "SMTP_TIMEOUT": "2500", "NOTIFICATION_WEBHOOK_TIMEOUT": "3500",
                "NOTIFICATION_LANGUAGE": "en",
            ]) { $1 })
        let choice = configuration.notifications
        #expect(choice.language == .en)
        let mail = try #require(choice.mail)
        #expect(mail.server.host == "mail.example" && mail.server.encryption == .startTLS)
        #expect(mail.server.credentials?.user == "shop" && mail.server.credentials?.password == "correct horse")
        #expect(mail.server.sender == Mailbox("가게 <orders@shop.example>"))
        #expect(mail.server.connectTimeout == .milliseconds(1500) && mail.server.timeout == .milliseconds(2500))
        #expect(mail.fallback == RecipientPattern("{user}@customers.example"))
        #expect(choice.webhook?.url == Self.webhook["NOTIFICATION_WEBHOOK_URL"])
        #expect(choice.webhook?.timeout == .milliseconds(3500))
        let shown = Dictionary(uniqueKeysWithValues: configuration.report.map { ($0.key, $0.value) })
        for key in ["SMTP_PASS", "NOTIFICATION_WEBHOOK_SECRET", "NOTIFICATION_WEBHOOK_URL"] {
            #expect(shown[key] == "********", "\(key)")
        }
    }

    @Test(arguments: [
        ("NOTIFICATION_TYPE", "pigeon"), ("NOTIFICATION_TYPE", "email,email"), ("NOTIFICATION_TYPE", "all,email"),
        ("NOTIFICATION_TYPE", ","), ("SMTP_HOST", "mail example"), ("SMTP_HOST", "smtp://mail.example"),
        ("SMTP_PORT", "0"), ("SMTP_PORT", "65536"), ("SMTP_TLS", "ssl"), ("SMTP_FROM", "orders"),
        ("SMTP_FROM", "A <a@b.example> <c@d.example>"), ("SMTP_FALLBACK_TO", "{user}"),
        ("SMTP_CA_FILE", "/nowhere/at/all.pem"), ("SMTP_CONNECT_TIMEOUT", "99"), ("SMTP_TIMEOUT", "5s"),
        ("SMTP_PASS", "changeme-changeme"), ("NOTIFICATION_WEBHOOK_URL", "hooks.test/3fT9"),
        ("NOTIFICATION_WEBHOOK_URL", "ftp://push.example"), ("NOTIFICATION_WEBHOOK_URL", "file:///etc/passwd"),
        ("NOTIFICATION_WEBHOOK_URL", "https://me:pw@push.example"), ("NOTIFICATION_WEBHOOK_SECRET", "short"),
        ("NOTIFICATION_WEBHOOK_SECRET", "your_secret_key_0123456789"), ("NOTIFICATION_WEBHOOK_TIMEOUT", "0"),
    ])
    func `a value that is not taken is refused by its key`(key: String, value: String) async throws {
        var environment = Self.all
        if key == "SMTP_PASS" { environment["SMTP_USER"] = "shop" }
        let found = try await problems(environment.merging([key: value]) { $1 })
        #expect(found.keys.sorted() == [key], "\(found)")
        // Also while no channel needs it.
        if key != "NOTIFICATION_TYPE" {
            #expect(try await problems([key: value])[key] != nil)
        }
        if ["SMTP_PASS", "NOTIFICATION_WEBHOOK_SECRET", "NOTIFICATION_WEBHOOK_URL"].contains(key) {
            let isShown = found.values.contains { $0.contains(value) }
            #expect(!isShown)
        }
    }

    @Test(arguments: [("SMTP_USER", "SMTP_PASS"), ("SMTP_PASS", "SMTP_USER")])
    func `name and password belong together`(_ given: String, _ missing: String) async throws {
        let found = try await problems(Self.mail.merging([given: "correct horse"]) { $1 })
        #expect(found.keys.sorted() == [missing])
    }

    @Test(arguments: [
        ("SMTP_HOST", "mail.example", false), ("SMTP_HOST", "127.0.0.1", true), ("SMTP_HOST", "::1", true),
        ("SMTP_HOST", "localhost", true),
    ])
    func `production sends mail in the clear to this machine alone`(
        _ key: String, _ host: String, _ isTaken: Bool
    ) async throws {
        let environment = Self.mail.merging(["SMTP_TLS": "none", key: host]) { $1 }
        #expect(try await problems(environment) == [:])
        let found = try await problems(environment.merging(Self.production) { $1 })
        #expect(found.keys.sorted() == (isTaken ? [] : ["SMTP_TLS"]))
        #expect(try await problems(Self.mail.merging(Self.production) { $1 }) == [:])
    }

    @Test(arguments: [("http://push.example", false), ("http://127.0.0.1:4000/x", true), ("http://[::1]/x", true)])
    func `production posts in the clear to this machine alone`(_ url: String, _ isTaken: Bool) async throws {
        let environment = Self.webhook.merging(["NOTIFICATION_WEBHOOK_URL": url]) { $1 }
        #expect(try await problems(environment) == [:])
        let found = try await problems(environment.merging(Self.production) { $1 })
        #expect(found.keys.sorted() == (isTaken ? [] : ["NOTIFICATION_WEBHOOK_URL"]))
    }
}
