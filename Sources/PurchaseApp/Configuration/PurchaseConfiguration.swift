import Audit
import Foundation
import Logging
import PostgresAdapter
import PurchaseAPI
import PurchaseContracts
import SagaChoreography

/// Everything the program was told, read once and checked before anything starts.
public struct PurchaseConfiguration: Sendable {
    public enum Stage: String, Sendable, CaseIterable { case development, test, production }
    public enum LogFormat: String, Sendable, CaseIterable { case text, json }
    public enum Language: String, Sendable, CaseIterable { case ko, en }
    public enum TokenAlgorithm: String, Sendable, CaseIterable {
        case hs256 = "HS256"
        case es256 = "ES256"
        case eddsa = "EdDSA"
    }

    /// What settles payments.
    public enum Gateway: Sendable {
        case simulated
        case http(HTTPGateway)
    }

    /// How a gateway over HTTP is reached, and how what it tells is known to come from it.
    public struct HTTPGateway: Sendable {
        /// What its paths are appended to, without a slash at its end.
        public let url: String
        public let apiKey: String
        public let webhookSecret: String
    }

    /// How payments are settled. What is a chance, the latency and the seed are the simulated gateway's.
    public struct Payment: Sendable {
        public let gateway: Gateway
        /// Chance that a charge is captured, 0…1.
        public let successRate: Double
        /// Chance that a call times out with an unknown outcome, 0…1.
        public let unknownRate: Double
        public let latency: ClosedRange<Duration>
        public let seed: UInt64
        public let timeout: Duration
    }

    public let stage: Stage
    public let appName: String
    public let host: String
    public let port: Int
    public let currency: Currency
    /// Where the data are.
    public let database: DatabaseChoice
    /// Where services are that have a database of their own.
    public let databasesApart: [ServiceID: PostgresEndpoint]
    /// How events travel.
    public let bus: BusChoice
    /// What this process does.
    public let services: ServiceChoice
    /// How long a server waits for its database at the start.
    public let startupPatience: Duration
    public let sagaTimeout: Duration
    public let sagaRetryCount: Int
    /// How many orders may be under way before new ones are refused; `nil`: as many as come.
    public let ordersUnderWay: Int?
    public let payment: Payment
    /// By which channels users are told.
    public let notifications: NotificationChoice
    /// How the audit trail is kept; `nil`: it is not.
    public let audit: AuditPolicy?
    /// Where it is kept.
    public let auditStorage: AuditStorage
    /// What is beside its log; `nil`: nothing.
    public let auditMongo: AuditMongo?
    /// How long its entries are kept.
    public let auditRetention: AuditRetention
    /// Whether what was kept long enough is taken away daily.
    public let isAuditCleanedUp: Bool
    public let tokenAlgorithm: TokenAlgorithm
    /// `nil` outside production means: make one up and keep it beside the database.
    public let tokenSecret: String?
    public let tokenKeyFile: String?
    public let tokenLifetime: Duration
    public let rateLimit: RateLimit?
    public let trustedProxies: Set<String>
    /// How many connections are open at once; further ones wait.
    public let maxConnections: Int
    /// Origins of pages elsewhere that may use the API from a browser.
    public let corsOrigins: Set<String>
    /// Certificate chain and private key in PEM form; `nil` for plain HTTP.
    public let tls: TLSFiles?
    /// Where `GET /metrics` answers operators; `nil` answers nowhere.
    public let metrics: MetricsAddress?
    public let logLevel: Logger.Level
    public let logFormat: LogFormat
    public let testUserBalance: Money
    /// `nil`: 50, 30 and 100 pieces, as the original had it.
    public let testItemStock: Int64?
    /// Where a test wants the process to end, `point:count`; only in the test stage.
    public let testCrashPoint: String?

    /// Each key with the value in force and where it came from, "not set" if it has none; secrets masked.
    public let report: [Entry]

    public struct Entry: Sendable, Hashable, Codable {
        public let key: String
        public let value: String
        public let source: String
    }

    /// Whether this process records the audit trail.
    var isAuditKeptHere: Bool { audit != nil && services.services.contains(AuditParticipant.service) }

    public var isLoopback: Bool { host == "127.0.0.1" || host == "::1" || host == "localhost" }

    /// Reads and checks everything.
    ///
    /// - Parameters:
    ///   - commandLine: values given as options, by key.
    ///   - environment: the process's environment.
    ///   - directory: where the `.env` files are looked for.
    /// - Throws: ``ConfigurationProblems`` with every bad or missing key.
    public static func load(
        commandLine: [String: String] = [:], environment: [String: String] = ProcessInfo.processInfo.environment,
        directory: String = FileManager.default.currentDirectoryPath
    ) async throws -> PurchaseConfiguration {
        let sources = try await ConfigurationSources(
            commandLine: commandLine, environment: environment, directory: directory)
        return try PurchaseConfiguration(ConfigurationParser(sources))
    }

    init(_ source: ConfigurationParser) throws {
        var parse = source
        let stage = parse.stage()
        self.stage = stage
        appName = parse.text(.appName)
        host = parse.optional(.host) ?? parse.assume(.host, stage == .production ? "0.0.0.0" : "127.0.0.1")
        port = parse.integer(.port, in: 0...65535)
        currency = parse.value(.currency, expected: "an ISO 4217 code such as KRW") { Currency($0) } ?? .krw
        parse.engines()
        database = parse.database(stage)
        bus = parse.bus(stage)
        databasesApart = parse.databasesApart(database, bus, stage)
        services = parse.services(database, bus)
        startupPatience = .seconds(parse.integer(.startupPatience, in: 0...3600))
        sagaTimeout = .milliseconds(parse.integer(.sagaTimeout, in: 100...86_400_000))
        sagaRetryCount = parse.integer(.sagaRetryCount, in: 0...100)
        let underWay = parse.integer(.sagaMaxUnderWay, in: 0...10_000_000)
        ordersUnderWay = underWay == 0 ? nil : underWay
        payment = Payment(
            gateway: parse.gateway(stage),
            successRate: parse.fraction(.paymentSuccessRate), unknownRate: parse.fraction(.paymentUnknownRate),
            latency: parse.millisecondRange(.paymentLatency),
            seed: UInt64(parse.integer(.paymentSeed, in: 0...Int.max)),
            timeout: .milliseconds(parse.integer(.paymentTimeout, in: 1...600_000)))
        notifications = parse.notifications(stage)
        audit = parse.audit(database)
        auditStorage = parse.auditStorage(database)
        auditMongo = parse.auditMongo(auditStorage, stage)
        auditRetention = parse.auditRetention()
        isAuditCleanedUp = parse.boolean(.auditAutoCleanup)
        let algorithm: TokenAlgorithm = parse.choice(.jwtAlgorithm) ?? .hs256
        tokenAlgorithm = algorithm
        (tokenSecret, tokenKeyFile) = parse.tokenKeys(stage, algorithm)
        tokenLifetime =
            parse.value(.jwtExpiresIn, expected: "a duration such as 30s, 15m, 1h, 7d") {
                ConfigurationParser.duration($0)
            } ?? .seconds(3600)
        let isLimited = parse.boolean(.rateLimitEnabled)
        let limit = RateLimit(
            window: .milliseconds(parse.integer(.rateLimitWindow, in: 1000...86_400_000)),
            requests: parse.integer(.rateLimitRequests, in: 1...1_000_000))
        rateLimit = isLimited ? limit : nil
        trustedProxies = parse.addresses(.trustedProxies)
        maxConnections = parse.integer(.maxConnections, in: 1...100_000)
        corsOrigins = parse.origins(.corsOrigins)
        tls = parse.tlsFiles()
        metrics = parse.metricsAddress()
        logLevel =
            parse.value(.logLevel, expected: "trace, debug, info, notice, warning, error or critical") {
                Logger.Level(rawValue: $0)
            } ?? .info
        logFormat = parse.choice(.logFormat) ?? .text
        testUserBalance = Money(Int64(parse.integer(.testUserBalance, in: 0...1_000_000_000_000_000)))
        testItemStock =
            parse.optional(.testItemStock) == nil
            ? nil : Int64(parse.integer(.testItemStock, in: 0...1_000_000_000))
        testCrashPoint = parse.crashPoint(stage)
        report = parse.entries
        guard parse.problems.isEmpty else { throw ConfigurationProblems(parse.problems) }
    }
}
