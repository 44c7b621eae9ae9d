import FoundationEssentials
import Journeys
import Notifications
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Everything the API needs from outside; it makes nothing itself.
public struct APIDependencies: Sendable {
    /// Where the queries of each service read.
    public var databases: ServiceDatabases
    public var orders: SQLCommands
    /// Places orders that come together in one transaction.
    public let placements: BatchExecutor<SQLSagaStore, PlaceOrder>
    /// Says whether there is room for one more order; `nil`: there always is.
    let intake: OrderIntake?
    /// Reads in one transaction the orders that are waited for and change together. A lone read is quicker without.
    let orderReads: CallBatcher<OrderID, OrderView?>
    public var users: SQLCommands
    public var items: SQLCommands
    public var coupons: SQLCommands
    public var notifications: SQLCommands
    public var payments: SQLCommands
    /// The configured channels, to try them.
    public var notifiers: [any Notifier]
    /// Commands in the API's own name (``RecordRefusedAccess/service``): it audits refused access.
    public var api: SQLCommands
    public var settings: APISettings
    public var authenticator: Authenticator
    public var issuer: TokenIssuer
    public var revocations: Revocations
    public var passwords: any PasswordHasher
    public var cursors: Cursors
    public var watch: any OrderWatching
    /// The only clock the API reads.
    public var clock: any SagaClock
    /// Where ids come from that have to be known before a command runs.
    public var ids: any IDGenerator
    /// Lets time pass; a test may drive the system meanwhile.
    public var pause: @Sendable (Duration) async throws -> Void
    /// How an answer that goes on and on learns of the process's end.
    public var serving: Serving
    /// Says whether there is room for one more stream of the audit trail.
    let auditStreams: StreamSeats
    /// The same for streams of orders' events.
    let journeyStreams: StreamSeats
    /// The same for streams of the whole system.
    let liveStreams: StreamSeats
    /// How the audit trail is kept.
    public var audit: AuditAccess
    /// Messages that could not be handled, and what may be done about them.
    public var deadLetters: DeadLetters
    /// Tells how orders fare.
    public var journeys: JourneyReader
    /// Shows what the whole system does.
    public var live: LiveView
    /// Whether what the process depends on can be reached.
    public var readiness: @Sendable () async -> Readiness

    /// Dependencies of an API; whoever composes the system gives them all.
    public init(
        databases: ServiceDatabases, orders: SQLCommands, users: SQLCommands, items: SQLCommands, coupons: SQLCommands,
        notifications: SQLCommands, payments: SQLCommands, notifiers: [any Notifier], api: SQLCommands,
        settings: APISettings,
        authenticator: Authenticator,
        issuer: TokenIssuer, revocations: Revocations, passwords: any PasswordHasher, cursors: Cursors,
        watch: any OrderWatching, clock: any SagaClock, ids: any IDGenerator,
        pause: @escaping @Sendable (Duration) async throws -> Void, serving: Serving, audit: AuditAccess,
        deadLetters: DeadLetters,
        journeys: JourneyReader, live: LiveView,
        readiness: @escaping @Sendable () async -> Readiness
    ) {
        self.databases = databases
        self.orders = orders
        placements = BatchExecutor(orders)
        intake = settings.ordersUnderWay.map { OrderIntake(limit: $0) }
        orderReads = CallBatcher(limit: 256) { ids in
            do {
                let found = try await databases[OrdersParticipant.service].read { try OrderQueries($0).orders(ids) }
                return ids.map { .success(found[$0]) }
            } catch {
                return ids.map { _ in .failure(error) }
            }
        }
        self.users = users
        self.items = items
        self.coupons = coupons
        self.notifications = notifications
        self.payments = payments
        self.notifiers = notifiers
        self.api = api
        self.settings = settings
        self.authenticator = authenticator
        self.issuer = issuer
        self.revocations = revocations
        self.passwords = passwords
        self.cursors = cursors
        self.watch = watch
        self.clock = clock
        self.ids = ids
        self.pause = pause
        self.serving = serving
        auditStreams = StreamSeats(settings.auditStreams, ofOne: settings.auditStreams)
        journeyStreams = StreamSeats(settings.journeyStreams, ofOne: settings.journeyStreamsOfOne)
        liveStreams = StreamSeats(settings.liveStreams, ofOne: settings.liveStreams)
        self.audit = audit
        self.deadLetters = deadLetters
        self.journeys = journeys
        self.live = live
        self.readiness = readiness
    }
}

/// What the configuration says to the API.
public struct APISettings: Sendable {
    /// The name that `GET /` answers with.
    public var name: String
    public var version: String
    public var currency: Currency
    /// From a token's signing to its end.
    public var tokenLifetime: Duration
    /// From an order to its deadline.
    public var sagaTimeout: Duration
    public var isProduction: Bool
    /// Whether the server is bound to a loopback address.
    public var isLoopback: Bool
    /// What the test user's wallet starts with, in minor units.
    public var testUserBalance: Money
    /// Pieces of each test item; `nil` for 50, 30 and 100.
    public var testItemStock: Int64?

    /// How many requests a caller may make; `nil` does not count.
    public var rateLimit: RateLimit?
    /// Addresses of proxies whose word on where a request came from is believed.
    public var trustedProxies: Set<String> = []
    /// How many requests are worked on at once; a waiting one (`Prefer: wait`) counts.
    public var requestsAtOnce = 4096
    /// How many streams of the audit trail may be open at once.
    public var auditStreams = 32
    /// How many streams of orders' events may be open at once.
    public var journeyStreams = 256
    /// How many of them one user may have.
    public var journeyStreamsOfOne = 8
    /// How many streams of the whole system may be open at once.
    public var liveStreams = 32
    /// How many orders may be under way before new ones are refused; `nil`: as many as come.
    public var ordersUnderWay: Int?
    /// Origins of pages elsewhere that may use the API from a browser.
    public var corsOrigins: Set<String> = []
    /// What the payment gateway signs its webhooks with; `nil`: there are none.
    public var webhookSecret: String?

    /// Settings; without a rate limit nothing is counted, without origins no page elsewhere may use the API.
    public init(
        name: String, version: String, currency: Currency, tokenLifetime: Duration = .seconds(3600),
        sagaTimeout: Duration, isProduction: Bool, isLoopback: Bool,
        testUserBalance: Money, testItemStock: Int64? = nil, rateLimit: RateLimit? = nil,
        trustedProxies: Set<String> = [], ordersUnderWay: Int? = nil, corsOrigins: Set<String> = [],
        webhookSecret: String? = nil
    ) {
        self.name = name
        self.version = version
        self.currency = currency
        self.tokenLifetime = tokenLifetime
        self.sagaTimeout = sagaTimeout
        self.isProduction = isProduction
        self.isLoopback = isLoopback
        self.testUserBalance = testUserBalance
        self.testItemStock = testItemStock
        self.rateLimit = rateLimit
        self.trustedProxies = trustedProxies
        self.ordersUnderWay = ordersUnderWay
        self.corsOrigins = corsOrigins
        self.webhookSecret = webhookSecret
    }
}

/// Whether the process can do its work.
public struct Readiness: Sendable {
    /// What it depends on, by name, and why that cannot be used; `nil` if it can. Anybody may read it: no address, no name of a user.
    public var checks: [String: String?]

    /// Ready if no check has a reason against it.
    public init(checks: [String: String?]) { self.checks = checks }

    /// Whether no check has a reason against it.
    public var isReady: Bool { reasons.isEmpty }

    /// Why what cannot be used cannot.
    public var reasons: [String: String] { checks.compactMapValues { $0 } }
}
