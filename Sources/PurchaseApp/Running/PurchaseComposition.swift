import Audit
import Coupons
import Items
import Journeys
import Logging
import Notifications
import Orders
import Payments
import PostgresAdapter
import PurchaseAPI
import SQLCore
import SagaChoreography
import SagaSQL
import ServiceLifecycle
import Users

/// System, API and runner put together as the configuration says; nothing is started yet.
public struct PurchaseComposition: Sendable {
    public let system: PurchaseSystem
    public let feed: CommitFeed
    public let api: PurchaseAPI
    public let runner: ActivityRunner
    public let tokens: TokenKeys
    let bus: EventBus
    let readiness: ReadinessCheck
    /// Tells other processes what this one runs.
    let presence: ServicePresence
    /// What this process records in the audit trail; `nil` if it does not.
    let audit: AuditCounters?

    /// Composes everything on migrated databases.
    ///
    /// - Parameters:
    ///   - gateway: the gateway over HTTP; without it a process that is configured for one makes no payments.
    ///   - secondStore: what the audit trail has beside its log.
    ///   - notifiers: by which users are told; their channels are those that messages are recorded for.
    /// - Throws: ``ConfigurationProblems`` if the token key cannot be used.
    public init(
        _ configuration: PurchaseConfiguration, databases: ServiceDatabases, gateway: (any PaymentGateway)? = nil,
        notifiers: [any Notifier] = [], secondStore: SecondStore? = nil, clock: any SagaClock = SystemClock(),
        logger: Logger
    ) async throws {
        let random = SystemRandom()
        let graph = ChoreographyGraph(
            PurchaseSystem.participants(
                channels: notifiers.map(\.channel), isAudited: configuration.audit != nil))
        let meter = LiveMeter(graph, clock: clock, random: random)
        feed = CommitFeed(clock: clock, meter: meter, logger: logger)
        for place in databases.places { place.database.listen { [feed] in feed.hear($0) } }
        tokens = try await TokenKeys(configuration, clock: clock)
        let ids = UUIDv7Generator(clock: clock, random: random)
        audit = configuration.isAuditKeptHere ? AuditCounters() : nil
        var ports = PurchaseSystem.Ports(
            clock: clock, ids: ids, random: random, observer: feed,
            probe: configuration.testCrashPoint.flatMap(CrashProbe.init) ?? NoProbe(),
            gateway: gateway ?? Self.gateway(configuration, databases[PaymentsParticipant.service], clock),
            notifiers: notifiers)
        if let audit { ports.audit = audit }
        bus = try EventBus(
            configuration.bus, on: databases.main, channels: ports.notifiers.map(\.channel),
            isAudited: configuration.audit != nil,
            clock: clock, ids: ids, logger: logger)
        system = PurchaseSystem(
            databases: databases, transport: bus.transport, ports: ports,
            retries: RetryPolicy(retries: configuration.sagaRetryCount),
            // A charge and looking it up.
            gatewayLease: max(.seconds(10), configuration.payment.timeout * 2 + .seconds(5)),
            pruned: configuration.services.services, relay: bus.relay, audit: configuration.audit,
            secondStore: secondStore)
        let live: any LiveLog = bus.streams.map { RedisLiveLog($0) } ?? LiveMemory(clock: clock)
        readiness = ReadinessCheck(databases, bus.streams, logger: logger)
        api = PurchaseAPI(
            Self.dependencies(
                configuration, system, bus, secondStore, feed, LiveView(of: live, graph, clock: clock), tokens, clock,
                ids, notifiers,
                readiness: { [readiness] in await readiness() }))
        presence = ServicePresence(
            of: configuration.services.services, as: ids.next(), on: databases.main, clock: clock,
            pauses: { [feed] in feed.pauses })
        var placed = (system.placed + bus.activities.map { PlacedActivity($0, on: databases.main) }).filter {
            configuration.services.includes($0.activity.name)
        }
        if configuration.isAuditKeptHere, configuration.isAuditCleanedUp {
            let log = databases[AuditParticipant.service]
            let worker = RetentionWorker(
                AuditTrail.cleanup(configuration, on: log, store: secondStore?.store, clock: clock, ids: ids),
                clock: clock, next: { AuditTrail.nextCleanup(after: $0) })
            placed.append(PlacedActivity(worker, on: log))
        }
        var activities =
            bus.reachesOthers
            ? ScheduledJobs.leased(placed, of: configuration.services, ids: ids, clock: clock)
            : placed.map(\.activity)
        activities.append(presence)
        if bus.reachesOthers || configuration.services.hasAPI {
            activities.append(LiveReporter(meter, to: live, clock: clock))
        }
        if configuration.services.hasAPI {
            activities.append(
                RevocationRefresher(
                    tokens.revocations, database: databases[UsersParticipant.service], clock: clock,
                    lifetime: configuration.tokenLifetime))
        }
        if configuration.services.hasAPI, bus.reachesOthers {
            // Where this process does everything, others change an order now and then at most.
            let interval: Duration = configuration.services.isComplete ? .seconds(1) : .milliseconds(50)
            activities.append(
                DistantWatch(feed, on: databases[OrdersParticipant.service], clock: clock, interval: interval))
        }
        runner = ActivityRunner(
            activities: activities, arrivals: bus.relay?.arrivals, feed: feed, clock: clock, random: random,
            // Other processes may have given something back to a consumer here: the command line, at least.
            logger: logger, longestRest: databases.main.dialect == .postgres ? .seconds(5) : Progress.longestRest)
    }

    private static func gateway(
        _ configuration: PurchaseConfiguration, _ database: any SQLDatabase, _ clock: any SagaClock
    ) -> any PaymentGateway {
        let payment = configuration.payment
        if case .http = payment.gateway { return UnreachedGateway(clock: clock) }
        return SimulatedGateway(
            .init(
                successRate: payment.successRate, latency: payment.latency, unknownRate: payment.unknownRate,
                seed: payment.seed, timeout: payment.timeout),
            database: database, clock: clock, lots: SystemRandom().next(),
            pause: { if $0 > .zero { try await Task.sleep(for: $0) } })
    }

    private static func audit(
        _ configuration: PurchaseConfiguration, _ system: PurchaseSystem, _ second: SecondStore?,
        _ clock: any SagaClock, _ ids: any IDGenerator
    ) -> AuditAccess {
        let database = system.databases[AuditParticipant.service]
        var flush: (@Sendable () async throws -> Void)?
        if configuration.isAuditKeptHere, let trail = system.trail {
            flush = {
                try await trail.flush()
                // What is in the log is recorded, and the feeder itself says if the store is away.
                do { try await trail.flushStore() } catch  where !(error is CancellationError) {}
            }
        }
        return AuditAccess(
            policy: configuration.audit, store: configuration.auditStorage.rawValue,
            reader: AuditReader(database, store: second?.store, primary: second?.primary ?? .log), flush: flush,
            verify: { try await AuditVerifier(hash: SHA256Hash()).all(database, store: second?.store) },
            keeping: AuditKeeping(
                retention: configuration.auditRetention,
                isCleanedUpDaily: configuration.isAuditKeptHere && configuration.isAuditCleanedUp,
                cleanup: AuditTrail.cleanup(
                    configuration, on: database, store: second?.store, clock: clock, ids: ids),
                commands: system.commands(for: AuditParticipant.service, on: database),
                isForbidden: { ($0 as? SQLError)?.isForbidden ?? false }))
    }

    private static func dependencies(
        _ configuration: PurchaseConfiguration, _ system: PurchaseSystem, _ bus: EventBus, _ second: SecondStore?,
        _ watch: any OrderWatching, _ live: LiveView,
        _ tokens: TokenKeys,
        _ clock: any SagaClock, _ ids: any IDGenerator, _ notifiers: [any Notifier],
        readiness: @escaping @Sendable () async -> Readiness
    ) -> APIDependencies {
        let database = system.databases[AuditParticipant.service]
        return APIDependencies(
            databases: system.databases, orders: system.commands(of: OrdersParticipant.service),
            users: system.commands(of: UsersParticipant.service), items: system.commands(of: ItemsParticipant.service),
            coupons: system.commands(of: CouponsParticipant.service),
            notifications: system.commands(of: NotificationsParticipant.service),
            payments: system.commands(of: PaymentsParticipant.service), notifiers: notifiers,
            api: system.commands(for: RecordRefusedAccess.service),
            settings: APISettings(
                name: configuration.appName, version: PurchaseServer.version, currency: configuration.currency,
                tokenLifetime: configuration.tokenLifetime,
                sagaTimeout: configuration.sagaTimeout, isProduction: configuration.stage == .production,
                isLoopback: configuration.isLoopback, testUserBalance: configuration.testUserBalance,
                testItemStock: configuration.testItemStock, rateLimit: configuration.rateLimit,
                trustedProxies: configuration.trustedProxies, ordersUnderWay: configuration.ordersUnderWay,
                corsOrigins: configuration.corsOrigins,
                webhookSecret: configuration.payment.gateway.webhookSecret),
            authenticator: tokens.authenticator, issuer: tokens.issuer, revocations: tokens.revocations,
            passwords: ScryptHasher(), cursors: tokens.cursors, watch: watch,
            clock: clock, ids: ids,
            pause: { try await Task.sleep(for: $0) },
            serving: Serving(
                isEnding: { Task.isShuttingDownGracefully }, untilEnd: { try await cancelWhenGracefulShutdown($0) }),
            audit: audit(configuration, system, second, clock, ids),
            deadLetters: system.deadLetters(
                as: RecordRefusedAccess.service, clock: clock, ids: ids),
            journeys: system.journeys(
                trail: configuration.audit == nil
                    ? nil : AuditReader(database, store: second?.store, primary: second?.primary ?? .log),
                lag: bus.lags), live: live, readiness: readiness)
    }
}

extension CommitFeed: OrderWatching {}
