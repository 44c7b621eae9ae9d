import Audit
import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Journeys
import Logging
import Notifications
import Orders
import Payments
import PurchaseApp
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
import TestEngines
import Testing
import Users

@testable import Inventory
@testable import PurchaseAPI

/// The whole system in memory behind its API. Time and the system move only while a request waits, or by ``run()``.
struct APIHarness: Sendable {
    let client: any TestClientProtocol
    let database: any SQLDatabase
    let clock: ManualClock
    let system: PurchaseSystem
    let issuer: TokenIssuer
    let routes: [Route]
    /// Keeps every event.
    let observer: RecordingObserver
    private let scheduler: Scheduler
    private let pace: Pace
    private let line: GatewayLine
    private let contract: ContractCheck

    /// What signs the tokens.
    static let secret = "0123456789abcdef0123456789abcdef"
    /// What signs webhooks.
    static let webhookSecret = "fedcba9876543210fedcba9876543210"

    /// Whoever waits for an order is told once, when his time is over, while which the system ran.
    private struct NoWatch: OrderWatching {
        let pause: @Sendable (Duration) async throws -> Void

        func changes(of subject: UUID) -> OrderChanges { OrderChanges() }
        func end(_ changes: OrderChanges, after limit: Duration) {
            Task {
                defer { changes.end() }
                do { try await pause(limit) } catch is CancellationError {} catch { Issue.record(error) }
                changes.tell(nil)
            }
        }
        func handled(by service: ServiceID) -> AsyncStream<Void> { AsyncStream { _ in } }
    }

    /// - Parameters:
    ///   - success: how often the gateway captures, 0…1.
    ///   - unknown: how often its answer is lost, 0…1.
    ///   - rateLimit: none unless a test is about it.
    ///   - poison: what corrupts deliveries, and makes Inventory fail to grant goods; `nil`: nothing does.
    ///   - isLive: whether the process reports to whoever watches the whole system.
    ///   - isForbidden: whether an error of the database counts as that of a role without rights.
    static func run(
        success: Double = 1, unknown: Double = 0, rateLimit: RateLimit? = nil, requestsAtOnce: Int = 4096,
        webhookSecret: String? = APIHarness.webhookSecret,
        notifiers: [any Notifier] = [ConsoleNotifier(sink: { _ in })], ordersUnderWay: Int? = nil,
        isForbidden: Bool = false, auditStreams: Int = 32, poison: Poison? = nil, isLive: Bool = false,
        change: (inout APISettings) -> Void = { _ in },
        _ test: @escaping @Sendable (APIHarness) async throws -> Void
    ) async throws {
        let clock = ManualClock()
        let random = SeededRandom(seed: 7)
        let database = try await TestEngine.current.database()
        let planted: ([SQLParticipant]) -> [SQLParticipant] = { participants in
            participants.map { participant in
                guard let poison, participant.service == InventoryParticipant.service else { return participant }
                return participant.with(Faulty(reaction: GrantGoods(), poison: poison))
            }
        }
        let participants = planted(PurchaseSystem.participants(channels: []))
        let (sound, relay) = try await TestEngine.current.transport(for: database, participants)
        let transport: any EventTransport<any SQLTransaction> =
            if let poison { PoisonedTransport(transport: sound, poison: poison) } else { sound }
        let ids = UUIDv7Generator(clock: clock, random: random)
        let line = GatewayLine { unknown in
            SimulatedGateway(
                .init(successRate: success, unknownRate: unknown), database: database, clock: clock, pause: { _ in })
        }
        line.lose(unknown)
        let observer = RecordingObserver()
        let graph = ChoreographyGraph(participants)
        let meter = LiveMeter(graph, clock: clock, random: random)
        let live = try await TestEngine.current.liveLog(clock: clock)
        let wakeUps = WakeUps(passingTo: MeteredObserver(meter, observer))
        let system = PurchaseSystem(
            databases: ServiceDatabases(database), transport: transport,
            ports: .init(
                clock: clock, ids: ids, random: random, observer: wakeUps, gateway: line,
                notifiers: []),
            relay: relay, planted: planted)
        let pace = Pace()
        let reporters = isLive ? [LiveReporter(meter, to: live, clock: clock)] : []
        let scheduler = Scheduler(system.activities + reporters, clock: clock, random: random, wakeUps: wakeUps)
        let key = try TokenKey.hs256(secret: secret)
        let issuer = await TokenIssuer(key: key, settings: TokenSettings(), clock: clock)
        let revocations = Revocations()
        var settings = APISettings(
            name: "purchase", version: "test", currency: .krw, sagaTimeout: .seconds(300), isProduction: false,
            isLoopback: true, testUserBalance: Money(50_000))
        settings.rateLimit = rateLimit
        settings.requestsAtOnce = requestsAtOnce
        settings.webhookSecret = webhookSecret
        settings.ordersUnderWay = ordersUnderWay
        settings.auditStreams = auditStreams
        change(&settings)
        let pause: @Sendable (Duration) async throws -> Void = { duration in
            try await pace.wait(duration)
            if !pace.standsStill { try await scheduler.run(for: duration) }
        }
        let api = PurchaseAPI(
            APIDependencies(
                databases: ServiceDatabases(database), orders: system.commands(of: "orders"),
                users: system.commands(of: "users"),
                items: system.commands(of: "items"), coupons: system.commands(of: "coupons"),
                notifications: system.commands(of: "notifications"),
                payments: system.commands(of: "payments"), notifiers: notifiers,
                api: system.commands(for: RecordRefusedAccess.service),
                settings: settings,
                authenticator: await Authenticator(
                    key: key, settings: TokenSettings(), clock: clock, revocations: revocations), issuer: issuer,
                revocations: revocations,
                passwords: ScryptHasher(cost: .init(logarithm: 4, blockSize: 1, parallelism: 1)),
                cursors: Cursors(secret: key.secret(for: "cursors")), watch: NoWatch(pause: pause), clock: clock,
                ids: ids, pause: pause,
                serving: Serving(isEnding: { false }, untilEnd: { try await $0() }),
                audit: AuditAccess(
                    policy: AuditPolicy(), store: "sqlite", reader: AuditReader(database),
                    flush: { try await system.trail?.flush() },
                    verify: { try await AuditVerifier(hash: SHA256Hash()).all(database, store: nil) },
                    keeping: AuditKeeping(
                        retention: AuditRetention(), isCleanedUpDaily: false,
                        cleanup: AuditCleanup(
                            on: database, clock: clock, ids: ids, hash: SHA256Hash(), retention: AuditRetention()),
                        commands: system.commands(for: AuditParticipant.service),
                        isForbidden: { isForbidden && $0 is SQLError })),
                deadLetters: system.deadLetters(
                    as: RecordRefusedAccess.service, clock: clock, ids: ids),
                journeys: system.journeys(trail: AuditReader(database)),
                live: LiveView(of: live, graph, clock: clock),
                readiness: { Readiness(checks: ["database": nil]) }))
        let contract = ContractCheck(api, settings: settings)
        let app = Application(router: api.router(), logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try await app.test(.router) { client in
            try await test(
                APIHarness(
                    client: client, database: database, clock: clock, system: system, issuer: issuer,
                    routes: api.routes, observer: observer, scheduler: scheduler, pace: pace, line: line,
                    contract: contract))
        }
    }

    /// Does something once the next request has waited so long.
    func after(_ time: Duration, _ act: @escaping @Sendable () async throws -> Void) { pace.after(time, act) }

    /// From now on the system does nothing while requests wait.
    func standStill() { pace.stop() }

    /// From now on it works again while requests wait.
    func goOn() { pace.go() }

    /// From now on no answer of the gateway is lost.
    func mendLine() { line.lose(0) }

    /// Lets the system work for a second, or longer.
    func run(for duration: Duration = .seconds(1)) async throws { try await scheduler.run(for: duration) }

    /// A reservation of an order that waits for a gateway whose answers are lost; see `unknown` of ``run(success:unknown:)``.
    func reservation(_ data: TestData) async throws -> String {
        let order = try await send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
        try await run()
        let found = try await send(.get, "/items/reservations/order/\(order)", token: data.adminToken)
        guard case .array(let reservations) = found.json, let first = reservations.first else {
            throw JSONValue.Missing(path: ["reservation"])
        }
        return try first.text("id")
    }

    /// One request; its answer is held against the API's own description.
    ///
    /// - Parameter isDescribed: `false` where the test breaks the system on purpose.
    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String? = nil, _ body: String? = nil,
        headers: HTTPFields = [:], isDescribed: Bool = true, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        var headers = headers
        if let token { headers[.authorization] = "Bearer \(token)" }
        if body != nil, headers[.contentType] == nil { headers[.contentType] = "application/json" }
        pace.begin()
        let response = try await client.executeRequest(
            uri: path, method: method, headers: headers, body: body.map { ByteBuffer(string: $0) })
        let answer = try Answer(response)
        let findings = isDescribed ? contract.findings(answer, to: method.rawValue, path) : []
        #expect(findings.isEmpty, "\(answer.body)", sourceLocation: sourceLocation)
        return answer
    }

    /// One request with a body of any bytes, held against the API's own description.
    func send(
        _ method: HTTPRequest.Method, _ path: String, token: String?, bytes: [UInt8],
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> Answer {
        var headers: HTTPFields = [.contentType: "application/json"]
        if let token { headers[.authorization] = "Bearer \(token)" }
        let response = try await client.executeRequest(
            uri: path, method: method, headers: headers, body: ByteBuffer(bytes: bytes))
        let answer = try Answer(response)
        #expect(
            contract.findings(answer, to: method.rawValue, path).isEmpty, "\(answer.body)",
            sourceLocation: sourceLocation)
        return answer
    }

    func token(_ user: UserID, _ roles: Set<AccessRole> = [.user]) async throws -> String {
        try await issuer.token(for: user, roles: roles)
    }

    /// The test data, as a client of `POST /setup-test-data` knows it.
    func testData() async throws -> TestData {
        let answer = try await send(.post, "/setup-test-data")
        try #require(answer.status == .created)
        return try TestData(
            user: answer.text("data", "user", "id"), userToken: answer.text("data", "tokens", "user"),
            adminToken: answer.text("data", "tokens", "admin"),
            items: answer.array("data", "items").map { try $0.text("id") })
    }

    struct TestData: Sendable, Equatable {
        let user: String
        let userToken: String
        let adminToken: String
        let items: [String]

        func order(_ quantity: Int, of item: Int = 0) -> String {
            #"{"userId":"\#(user)","items":[{"itemId":"\#(items[item])","quantity":\#(quantity)}]}"#
        }
    }

    /// How many refused accesses were audited.
    func refusals() async throws -> Int { try await audited("api.access-refused").count }

    /// What the audit trail has of an action, once it has what waits.
    func audited(_ action: String) async throws -> [AuditEntry] {
        try await system.trail?.flush()
        var filter = AuditFilter()
        filter.action = action
        return try await AuditReader(database).entries(filter, limit: 500).entries.map(\.entry)
    }
}

/// A response and its JSON.
struct Answer: Sendable {
    let status: HTTPResponse.Status
    let headers: HTTPFields
    let body: String
    let json: JSONValue

    init(_ response: TestResponse) throws {
        status = response.status
        headers = response.headers
        body = String(buffer: response.body)
        let isJSON = headers[.contentType].map { $0.contains("json") && !$0.contains("ndjson") } ?? false
        json = body.isEmpty || !isJSON ? .null : try StrictJSON.parse(Array(body.utf8))
    }

    var code: String? { try? json.text("code") }

    func text(_ path: String...) throws -> String { try json.at(path).text() }
    func number(_ path: String...) throws -> Int64 { try json.at(path).number() }
    func array(_ path: String...) throws -> [JSONValue] { try json.at(path).array() }
}

extension JSONValue {
    struct Missing: Error { let path: [String] }

    func at(_ path: [String]) throws -> JSONValue {
        try path.reduce(self) { value, name in
            guard case .object(let members) = value, let member = members[name] else { throw Missing(path: path) }
            return member
        }
    }

    func text(_ path: String...) throws -> String {
        guard case .string(let text) = try at(path) else { throw Missing(path: path) }
        return text
    }

    func number(_ path: String...) throws -> Int64 {
        guard case .exact(let number)? = try at(path).integer else { throw Missing(path: path) }
        return number
    }

    func array(_ path: String...) throws -> [JSONValue] {
        guard case .array(let values) = try at(path) else { throw Missing(path: path) }
        return values
    }
}
