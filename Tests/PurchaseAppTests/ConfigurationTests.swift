import Foundation
import JWTKit
import Logging
import PurchaseContracts
import Testing

@testable import PurchaseApp

/// A folder of `.env` files and keys, removed afterwards.
private func withFolder(
    _ files: [String: String] = [:], _ body: (String) async throws -> Void
) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "configuration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
    try await body(folder.path)
    try FileManager.default.removeItem(at: folder)
}

@Suite struct `The configuration` {
    private static let secret = "k8sQ2zV7-configuration-Hn4xLw9TfB3mYp6R"

    private func load(
        _ environment: [String: String] = [:], commandLine: [String: String] = [:], in folder: String = "/nowhere"
    ) async throws -> PurchaseConfiguration {
        try await PurchaseConfiguration.load(commandLine: commandLine, environment: environment, directory: folder)
    }

    /// What is wrong with it, by key.
    private func problems(
        _ environment: [String: String], commandLine: [String: String] = [:], in folder: String = "/nowhere"
    ) async throws -> [String: String] {
        do {
            _ = try await load(environment, commandLine: commandLine, in: folder)
            return [:]
        } catch let problems as ConfigurationProblems {
            return Dictionary(problems.problems.map { ($0.key, $0.what) }, uniquingKeysWith: { "\($0); \($1)" })
        }
    }

    @Test func `nothing set is a configuration for development`() async throws {
        let configuration = try await load()
        #expect(configuration.stage == .development)
        #expect(configuration.host == "127.0.0.1" && configuration.port == 3000)
        #expect(configuration.currency == .krw)
        #expect(configuration.sagaTimeout == .seconds(300) && configuration.sagaRetryCount == 3)
        #expect(configuration.payment.successRate == 0.9)
        #expect(configuration.tokenLifetime == .seconds(3600))
        #expect(configuration.rateLimit == .init(window: .seconds(60), requests: 100))
        #expect(configuration.metrics == MetricsAddress(host: "127.0.0.1", port: 9090))
        #expect(configuration.testUserBalance == Money(50_000))
        #expect(configuration.tls == nil && configuration.corsOrigins.isEmpty)
    }

    @Test func `0 is a value, an empty text is none`() async throws {
        let configuration = try await load([
            "PORT": "0", "SAGA_RETRY_COUNT": "0", "PAYMENT_SUCCESS_RATE": "0", "TEST_USER_BALANCE": "0",
            "TEST_ITEM_STOCK": "0", "METRICS_PORT": "0", "PAYMENT_LATENCY": "0", "CURRENCY": "", "APP_NAME": "",
        ])
        #expect(configuration.port == 0 && configuration.metrics?.port == 0)
        #expect(configuration.sagaRetryCount == 0 && configuration.payment.successRate == 0)
        #expect(configuration.testUserBalance == Money(0) && configuration.testItemStock == 0)
        #expect(configuration.payment.latency == .zero ... .zero)
        #expect(configuration.currency == .krw && configuration.appName == "Purchase Saga")
    }

    @Test func `the first place that has a value wins`() async throws {
        let files = [
            ".env.local": "APP_NAME=local\nPORT=2\nSAGA_TIMEOUT=2000\n",
            ".env.test": "APP_NAME=test\nPORT=3\nSAGA_TIMEOUT=3000\nSAGA_RETRY_COUNT=7\n",
            ".env.development": "SAGA_RETRY_COUNT=8\nCURRENCY=EUR\n",
        ]
        try await withFolder(files) { folder in
            let configuration = try await load(
                ["APP_ENV": "test", "PORT": "1", "APP_NAME": "environment"], commandLine: ["APP_NAME": "command line"],
                in: folder)
            #expect(configuration.appName == "command line")
            #expect(configuration.port == 1)
            #expect(configuration.sagaTimeout == .seconds(2))
            #expect(configuration.sagaRetryCount == 7)
            #expect(configuration.currency == .krw)
            let sources = Dictionary(uniqueKeysWithValues: configuration.report.map { ($0.key, $0.source) })
            #expect(sources["APP_NAME"] == "command line" && sources["PORT"] == "environment")
            #expect(sources["SAGA_TIMEOUT"] == ".env.local" && sources["SAGA_RETRY_COUNT"] == ".env.test")
            #expect(sources["CURRENCY"] == "default" && sources["TLS_KEY_FILE"] == "not set")
        }
    }

    @Test func `NODE_ENV says the stage where APP_ENV does not, and which file is read`() async throws {
        try await withFolder([".env.production": "PORT=4\n", ".env.test": "PORT=5\n"]) { folder in
            let production = [
                "NODE_ENV": "production", "JWT_SECRET": Self.secret, "PAYMENT_GATEWAY": "simulated",
            ]
            let configuration = try await load(production, in: folder)
            #expect(configuration.stage == .production && configuration.port == 4)
            #expect(configuration.host == "0.0.0.0")
            let both = try await load(production.merging(["APP_ENV": "test"]) { $1 }, in: folder)
            #expect(both.stage == .test && both.port == 5)
            #expect(
                try await problems(["NODE_ENV": "staging"]).keys.sorted() == [
                    "JWT_SECRET", "NODE_ENV", "PAYMENT_GATEWAY",
                ])
        }
    }

    @Test func `a file of one environment cannot make it another`() async throws {
        try await withFolder([".env.production": "APP_ENV=development\n"]) { folder in
            let found = try await problems(["NODE_ENV": "production"], in: folder)
            #expect(found["APP_ENV"]?.contains(".env.production") == true, "\(found)")
        }
    }

    @Test(arguments: [
        ("APP_ENV", "prod"), ("PORT", "-1"), ("PORT", "65536"), ("PORT", "3000x"), ("PORT", "1e3"), ("CURRENCY", "won"),
        ("SERVICES", "orders"), ("SERVICES", "api,orders,api"), ("SERVICES", "nonsense"), ("DATABASE_TYPE", "oracle"),
        ("EVENT_BUS", "kafka"), ("SAGA_TIMEOUT", "99"), ("SAGA_TIMEOUT", "5m"), ("SAGA_RETRY_COUNT", "101"),
        ("SAGA_DEAD_LETTER_QUEUE", "false"), ("SAGA_DEAD_LETTER_QUEUE", "1"), ("PAYMENT_GATEWAY", "free"),
        ("PAYMENT_GATEWAY_URL", "gateway.example"), ("PAYMENT_GATEWAY_URL", "ftp://gateway.example"),
        ("PAYMENT_GATEWAY_URL", "https://gateway.example/?a=b"), ("PAYMENT_API_KEY", "short"),
        ("PAYMENT_API_KEY", "has a space in its middle"), ("PAYMENT_API_KEY", "your_secret_key_0123456789"),
        ("PAYMENT_WEBHOOK_SECRET", "aaaaaaaaaaaaaaaaaaaaaaaa"), ("PAYMENT_SUCCESS_RATE", "1.01"),
        ("PAYMENT_SUCCESS_RATE", "nan"),
        ("PAYMENT_SUCCESS_RATE", "90%"), ("PAYMENT_UNKNOWN_RATE", "-0.1"), ("PAYMENT_LATENCY", "20-10"),
        ("PAYMENT_LATENCY", "1-2-3"), ("PAYMENT_LATENCY", "60001"), ("PAYMENT_LATENCY", "-5"), ("PAYMENT_SEED", "-1"),
        ("PAYMENT_TIMEOUT", "0"), ("NOTIFICATION_ENABLED", "yes"),
        ("NOTIFICATION_TYPE", "pigeon"), ("NOTIFICATION_LANGUAGE", "fr"), ("JWT_ALGORITHM", "none"),
        ("JWT_ALGORITHM", "hs256"), ("JWT_EXPIRES_IN", "3600"), ("JWT_EXPIRES_IN", "0h"), ("JWT_EXPIRES_IN", "-1h"),
        ("JWT_EXPIRES_IN", "9223372036854775807d"), ("RATE_LIMIT_ENABLED", "1"), ("RATE_LIMIT_WINDOW_MS", "999"),
        ("RATE_LIMIT_MAX_REQUESTS", "0"), ("TRUSTED_PROXIES", "proxy.example"), ("TRUSTED_PROXIES", ","),
        ("MAX_CONNECTIONS", "0"), ("CORS_ORIGINS", "*"), ("CORS_ORIGINS", "shop.example"),
        ("CORS_ORIGINS", "https://shop.example/"), ("CORS_ORIGINS", "https://a.example,javascript:alert(1)"),
        ("METRICS_PORT", "65536"), ("METRICS_PORT", "on"), ("LOG_LEVEL", "verbose"), ("LOG_FORMAT", "xml"),
        ("TEST_USER_BALANCE", "-1"), ("TEST_ITEM_STOCK", "1.5"), ("TEST_CRASH_POINT", "anything:1"),
    ])
    func `a value that is not taken is refused by its key`(key: String, value: String) async throws {
        let found = try await problems(["JWT_SECRET": Self.secret, key: value])
        #expect(found[key] != nil, "\(found)")
        #expect(found.keys.allSatisfy { $0 == key || key == "APP_ENV" }, "\(found)")
    }

    private static let overHTTP = [
        "PAYMENT_GATEWAY": "http", "PAYMENT_GATEWAY_URL": "https://gateway.example/v1/",
        "PAYMENT_API_KEY": "live_5b0c8e2f7a914d36", "PAYMENT_WEBHOOK_SECRET": "whsec_7d4e1f9a02c85b63",
    ]

    @Test func `a gateway over HTTP is taken with address, key and secret, and the secrets are masked`() async throws {
        let configuration = try await load(Self.overHTTP)
        guard case .http(let gateway) = configuration.payment.gateway else {
            Issue.record("payments are simulated")
            return
        }
        #expect(gateway.url == "https://gateway.example/v1")
        let shown = Dictionary(uniqueKeysWithValues: configuration.report.map { ($0.key, $0.value) })
        #expect(shown["PAYMENT_API_KEY"] == "********" && shown["PAYMENT_WEBHOOK_SECRET"] == "********")
        let production = ["APP_ENV": "production", "JWT_SECRET": Self.secret]
        #expect(try await problems(Self.overHTTP.merging(production) { $1 }) == [:])
    }

    @Test(arguments: ["PAYMENT_GATEWAY_URL", "PAYMENT_API_KEY", "PAYMENT_WEBHOOK_SECRET"])
    func `a gateway over HTTP needs each of its keys`(_ key: String) async throws {
        let found = try await problems(Self.overHTTP.filter { $0.key != key })
        #expect(found == [key: "is required with PAYMENT_GATEWAY=http"])
    }

    @Test func `what is secret in an address is refused without being shown, and production wants TLS`() async throws {
        let told = try await problems(
            Self.overHTTP.merging(["PAYMENT_GATEWAY_URL": "https://me:hunter2@gateway.example"]) { $1 })
        #expect(told.keys.sorted() == ["PAYMENT_GATEWAY_URL"] && told.values.allSatisfy { !$0.contains("hunter2") })
        let production = ["APP_ENV": "production", "JWT_SECRET": Self.secret]
        for (url, isTaken) in [("http://gateway.example", false), ("http://127.0.0.1:4000", true)] {
            let found = try await problems(
                Self.overHTTP.merging(production) { $1 }.merging(["PAYMENT_GATEWAY_URL": url]) { $1 })
            #expect(found.isEmpty == isTaken, "\(found)")
        }
    }

    @Test func `every bad key is listed at once`() async throws {
        let bad = [
            "PORT": "x", "CURRENCY": "x", "SAGA_TIMEOUT": "x", "PAYMENT_SUCCESS_RATE": "x", "JWT_SECRET": "x",
            "LOG_LEVEL": "x", "METRICS_PORT": "x", "TLS_CERT_FILE": "x", "CORS_ORIGINS": "x", "EVENT_BUS": "x",
        ]
        let found = try await problems(bad)
        #expect(Set(found.keys) == Set(bad.keys).union(["TLS_KEY_FILE"]))
    }

    @Test(arguments: ["JWT_EXPIRES_IN": "7200s", "CORS_ORIGINS": "https://Shop.example:443, http://[::1]:8080"])
    func `what means a value is taken as that value`(key: String, value: String) async throws {
        let configuration = try await load([key: value])
        if key == "JWT_EXPIRES_IN" {
            #expect(configuration.tokenLifetime == .seconds(7200))
        } else {
            #expect(configuration.corsOrigins == ["https://shop.example", "http://[::1]:8080"])
        }
    }

    @Test func `metrics can be switched off`() async throws {
        #expect(try await load(["METRICS_PORT": "off"]).metrics == nil)
    }

    @Test(arguments: [
        "", "kX7", "0123456789012345678901234567890", String(repeating: "a", count: 40),
        "please-changeme-please-changeme-please", "your-secret-key-your-secret-key-your-secret",
    ])
    func `production takes no secret that is missing, short or a placeholder, and does not show it`(
        secret: String
    ) async throws {
        let found = try await problems([
            "APP_ENV": "production", "JWT_SECRET": secret, "PAYMENT_GATEWAY": "simulated",
        ])
        #expect(found.keys.sorted() == ["JWT_SECRET"])
        #expect(secret.isEmpty || found["JWT_SECRET"]?.contains(secret) == false)
    }

    @Test func `production says itself that payments are simulated`() async throws {
        let found = try await problems(["APP_ENV": "production", "JWT_SECRET": Self.secret])
        #expect(found.keys.sorted() == ["PAYMENT_GATEWAY"])
    }

    @Test func `a key file must hold a key of the algorithm`() async throws {
        let files = [
            "es.pem": ES256PrivateKey().pemRepresentation, "ed.pem": try EdDSA.PrivateKey().pemRepresentation,
            "no.pem": "nothing",
        ]
        try await withFolder(files) { folder in
            for (algorithm, file, isRight) in [
                ("ES256", "es.pem", true), ("ES256", "ed.pem", false), ("ES256", "no.pem", false),
                ("EdDSA", "ed.pem", true), ("EdDSA", "es.pem", false), ("EdDSA", "missing.pem", false),
            ] {
                let found = try await problems(["JWT_ALGORITHM": algorithm, "JWT_KEY_FILE": "\(folder)/\(file)"])
                #expect(found.keys.sorted() == (isRight ? [] : ["JWT_KEY_FILE"]), "\(algorithm) \(file)")
            }
            #expect(try await problems(["JWT_ALGORITHM": "ES256"]).keys.sorted() == ["JWT_KEY_FILE"])
        }
    }

    @Test func `what is shown masks secrets and lists every key once`() async throws {
        let configuration = try await load(["JWT_SECRET": Self.secret])
        #expect(configuration.report.map(\.key) == ConfigurationKey.allCases.map(\.rawValue))
        #expect(!configuration.report.contains { $0.value.contains(Self.secret) })
        #expect(configuration.report.contains { $0.key == "JWT_SECRET" && $0.value == "********" })
    }

    @Test func `a file that cannot be read as one is a problem of its own`() async throws {
        try await withFolder { folder in
            try FileManager.default.createDirectory(atPath: "\(folder)/.env.local", withIntermediateDirectories: true)
            let found = try await problems([:], in: folder)
            #expect(found.keys.sorted() == [".env.local"])
        }
    }
}
