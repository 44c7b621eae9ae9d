import Audit
import Coupons
import Inventory
import Items
import Journeys
import Notifications
import Orders
import Payments
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Users

/// All services composed on their databases, which mostly are one: the participants, their commands, and the activities that keep them moving. It
/// starts nothing; whoever owns it drives ``activities``.
public struct PurchaseSystem: Sendable {
    /// Everything that comes from outside.
    public struct Ports: Sendable {
        public var clock: any SagaClock
        public var ids: any IDGenerator
        public var random: any RandomSource
        public var observer: any SagaObserver
        public var probe: any Probe
        public var gateway: any PaymentGateway
        public var notifiers: [any Notifier]
        /// Is told how recording in the audit trail fares.
        public var audit: any AuditObserver = NoAuditObserver()

        public init(
            clock: any SagaClock, ids: any IDGenerator, random: any RandomSource, observer: any SagaObserver,
            probe: any Probe = NoProbe(), gateway: any PaymentGateway, notifiers: [any Notifier]
        ) {
            self.clock = clock
            self.ids = ids
            self.random = random
            self.observer = observer
            self.probe = probe
            self.gateway = gateway
            self.notifiers = notifiers
        }
    }

    /// How the outbox reaches a transport outside the database.
    public struct Relay: Sendable {
        public var publisher: any EventPublisher
        /// Tells when something arrived; `nil`: consumers are woken by the commits of this process.
        public var arrivals: (any EventArrivals)?
        /// Hands events to this process's consumers as they are committed; `nil`: they wait for the transport.
        public var local: (any LocalDelivery)?
        /// How often acknowledgements are read, and how often rows are pruned.
        public var interval: Duration
        /// Whether other processes have relays on the same tables.
        public var isShared: Bool

        public init(
            to publisher: any EventPublisher, arrivals: (any EventArrivals)? = nil,
            local: (any LocalDelivery)? = nil, interval: Duration = .seconds(1),
            isShared: Bool = false
        ) {
            self.isShared = isShared
            self.publisher = publisher
            self.arrivals = arrivals
            self.local = local
            self.interval = interval
        }
    }

    /// Where each service's rows are.
    public let databases: ServiceDatabases
    public let participants: [SQLParticipant]
    /// What keeps the system moving, with the database that each works on.
    public let placed: [PlacedActivity]
    /// What carries each database's outbox to the transport; none: the outbox is the transport.
    public let relays: [OutboxRelay]
    /// What keeps the audit trail; `nil`: nobody does.
    public let trail: AuditTrail?
    private let commands: [ServiceID: SQLCommands]
    private let ports: Ports

    /// Every migration in the text of a database, the engine's first.
    public static func migrations(for dialect: SQLDialect) -> [Migration] {
        switch dialect {
        case .sqlite:
            EngineMigrations.sqlite + OrdersMigrations.sqlite + CouponsMigrations.sqlite + UsersMigrations.sqlite
                + InventoryMigrations.sqlite + ItemsMigrations.sqlite + PaymentsMigrations.sqlite
                + NotificationsMigrations.sqlite + AuditMigrations.sqlite
        case .postgres:
            EngineMigrations.postgres + OrdersMigrations.postgres + CouponsMigrations.postgres
                + UsersMigrations.postgres + InventoryMigrations.postgres + ItemsMigrations.postgres
                + PaymentsMigrations.postgres + NotificationsMigrations.postgres
                + AuditMigrations.postgres
        }
    }

    /// The PostgreSQL schemas that these make, in the order in which names are looked up: the one with the list of applied
    /// migrations, the engine's, each service's.
    public static let schemas = [
        "public", "saga", "orders", "coupons", "users", "inventory", "items", "payments", "notifications",
        "audit",
    ]

    /// Every service, in the order in which an order passes them, and who watches.
    ///
    /// - Parameters:
    ///   - channels: the notification channels in use.
    ///   - isAudited: whether the saga's steps are recorded.
    ///   - desk: where payment workers wait for what Payments opens; `nil`: nobody does.
    public static func participants(
        channels: [String] = ["console"], isAudited: Bool = true, desk: GatewayDesk? = nil
    ) -> [SQLParticipant] {
        services(channels, desk) + (isAudited ? [AuditParticipant.make()] : [])
    }

    private static func services(_ channels: [String], _ desk: GatewayDesk?) -> [SQLParticipant] {
        [
            OrdersParticipant.make(), CouponsParticipant.make(), UsersParticipant.make(), InventoryParticipant.make(),
            ItemsParticipant.make(), PaymentsParticipant.make(desk: desk),
            NotificationsParticipant.make(channels: channels),
        ]
    }

    /// The table in which each service says which orders are settled for it.
    public static let stateTables: [ServiceID: String] = [
        OrdersParticipant.service: OrdersParticipant.stateTable, CouponsParticipant.service: "coupons_saga",
        UsersParticipant.service: "users_saga", InventoryParticipant.service: "inventory_saga",
        ItemsParticipant.service: "items_saga", PaymentsParticipant.service: "payments_saga",
    ]

    /// Composes the system on migrated databases.
    ///
    /// - Parameters:
    ///   - transport: hands the outbox's events to the services.
    ///   - retries: how often a faulted message is tried again.
    ///   - gatewayLanes: payment workers side by side, so that one slow answer does not hold up all others.
    ///   - gatewayCalls: calls that each of them makes at the same time.
    ///   - gatewayLease: how long a payment that is being asked about is left alone; longer than the longest call.
    ///   - pruned: the services whose events this process deletes once nobody needs them: it reads their state tables; `nil`: all.
    ///   - relay: carries the outbox to `transport` if that is outside the database; `nil`: the outbox is the transport.
    ///   - audit: how the audit trail is kept; `nil`: it is not.
    ///   - secondStore: what the audit trail has beside its log.
    ///   - planted: changes the services, to plant mistakes in tests.
    public init(
        databases: ServiceDatabases, transport: some EventTransport<any SQLTransaction>, ports: Ports,
        retries: RetryPolicy = RetryPolicy(), gatewayLanes: Int = 4, gatewayCalls: Int = 128,
        gatewayLease: Duration = .seconds(10), pruned: Set<ServiceID>? = nil, relay: Relay? = nil,
        audit: AuditPolicy? = AuditPolicy(), secondStore: SecondStore? = nil,
        planted: ([SQLParticipant]) -> [SQLParticipant] = { $0 }
    ) {
        self.databases = databases
        self.ports = ports
        let stateTables = Self.stateTables.filter { pruned?.contains($0.key) ?? true }
        let desk = GatewayDesk(ports.gateway, clock: ports.clock, lease: gatewayLease)
        let participants = planted(
            Self.participants(channels: ports.notifiers.map(\.channel), isAudited: audit != nil, desk: desk))
        self.participants = participants
        var commands: [ServiceID: SQLCommands] = [:]
        for participant in participants {
            commands[participant.service] = SQLCommands(
                service: participant.service, store: SQLSagaStore(databases[participant.service]), clock: ports.clock,
                ids: ports.ids,
                observer: ports.observer, probe: ports.probe)
        }
        self.commands = commands

        func context(_ service: ServiceID) -> ServiceContext {
            ServiceContext(
                database: databases[service], commands: Self.commands(of: service, in: commands), clock: ports.clock,
                ids: ports.ids, random: ports.random, probe: ports.probe)
        }
        let relays: [OutboxRelay] =
            relay.map { relay in databases.places.map { Self.relay(relay, on: $0.database, participants, ports) } }
            ?? []
        self.relays = relays
        var activities: [any Activity] = participants.filter { !$0.isObserver }.map { participant in
            Consumer(
                participant, store: SQLSagaStore(databases[participant.service]), transport: transport, policy: retries,
                clock: ports.clock, ids: ports.ids,
                random: ports.random, observer: ports.observer, probe: ports.probe)
        }
        activities += [
            DeadlineWorker(context(OrdersParticipant.service)),
            ResyncWorker(
                context(OrdersParticipant.service),
                isBehind: Self.isBehind(relays, transport as? EmbeddedTransport, ports.clock)),
            IssueWorker(
                context(CouponsParticipant.service),
                directory: StoredUserDirectory(database: databases[UsersParticipant.service])),
            ExpiryWorker(context(CouponsParticipant.service)),
            ExpiryWarningWorker(context(CouponsParticipant.service)),
            AccessPruner(context(UsersParticipant.service)),
            GatewayEventPruner(context(PaymentsParticipant.service)),
        ]
        activities += ports.notifiers.map { notifier in
            NotificationWorker(context(NotificationsParticipant.service), notifier: notifier)
        }
        trail = audit.map { AuditTrail($0, on: databases, from: transport, ports, secondStore) }
        var placed: [PlacedActivity] = trail?.activities ?? []
        for (index, place) in databases.places.enumerated() {
            let tables = stateTables.filter { place.has($0.key) }
            var engine: [any Activity] = [
                OutboxPruner(
                    store: SQLSagaStore(place.database), clock: ports.clock, participants: participants,
                    stateTables: tables, acknowledgements: relay == nil ? .positions : .receipts,
                    interval: relay?.interval ?? .seconds(1), probe: ports.probe)
            ]
            if let relay {
                engine += Self.activities(of: relays[index], relay, SQLSagaStore(place.database), tables, ports)
            }
            placed += engine.map { PlacedActivity($0, on: place.database) }
        }
        let payments = context(PaymentsParticipant.service)
        let due = DuePayments(payments, at: desk)
        for lane in 1...max(1, gatewayLanes) {
            activities.append(
                GatewayWorker(payments, gateway: ports.gateway, limit: gatewayCalls, due: due, lane: lane))
        }
        self.placed =
            activities.map { PlacedActivity($0, on: databases[PlacedActivity.owner(of: $0)]) } + placed
    }

    /// What keeps the system moving.
    public var activities: [any Activity] { placed.map(\.activity) }

    /// Tell other processes, in each database, that this one's relay lives; none if nobody asks.
    public var presences: [RelayPresence] { activities.compactMap { $0 as? RelayPresence } }

    private static func relay(
        _ relay: Relay, on database: any SQLDatabase, _ participants: [SQLParticipant], _ ports: Ports
    ) -> OutboxRelay {
        OutboxRelay(
            database, to: relay.publisher, participants: participants, clock: ports.clock,
            local: relay.local,
            ownership: relay.isShared ? database.origin.map(OutboxRelay.Ownership.own) ?? .everything : .everything,
            interval: relay.interval)
    }

    /// Carries the outbox out, and learns what arrived.
    private static func activities(
        of outboxRelay: OutboxRelay, _ relay: Relay, _ store: SQLSagaStore,
        _ stateTables: [ServiceID: String], _ ports: Ports
    ) -> [any Activity] {
        var activities: [any Activity] = [
            outboxRelay,
            OutboxAcknowledgements(
                of: outboxRelay.book, from: relay.publisher, store: store, stateTables: stateTables,
                clock: ports.clock, interval: relay.interval, probe: ports.probe),
        ]
        if case .own(let number) = outboxRelay.ownership {
            let presence = RelayPresence(
                of: number, in: outboxRelay.book, on: store.database, clock: ports.clock)
            activities.append(presence)
            activities.append(
                OutboxAdoption(on: store.database, by: presence, in: outboxRelay.book, clock: ports.clock))
        }
        return activities
    }

    /// Whether something waits for more than ten seconds to be sent or handled: of what this process has written, or of what any other
    /// that lives has written in the same database.
    private static func isBehind(
        _ relays: [OutboxRelay], _ embedded: EmbeddedTransport?, _ clock: any SagaClock
    ) -> @Sendable (any SQLTransaction) throws -> Bool {
        { transaction in
            let (now, patience) = (clock.now(), RelayPresence.patience)
            if relays.contains(where: { $0.book.isBehind(by: patience) }) { return true }
            if let embedded { return embedded.isBehind(by: patience, at: now) }
            return try RelayPresence.isAnyBehind(at: now, in: transaction)
        }
    }

    /// The executor of a service's commands.
    public func commands(of service: ServiceID) -> SQLCommands { Self.commands(of: service, in: commands) }

    /// An executor for commands in the name of something that is no participant, such as the API.
    ///
    /// - Parameter database: where its rows are; `nil`: where whoever has no database of its own has them.
    public func commands(for name: ServiceID, on database: (any SQLDatabase)? = nil) -> SQLCommands {
        SQLCommands(
            service: name, store: SQLSagaStore(database ?? databases.main), clock: ports.clock, ids: ports.ids,
            observer: ports.observer,
            probe: ports.probe)
    }

    private static func commands(of service: ServiceID, in commands: [ServiceID: SQLCommands]) -> SQLCommands {
        guard let executor = commands[service] else { preconditionFailure("there is no service '\(service)'") }
        return executor
    }

    /// Tells how orders fare.
    ///
    /// - Parameters:
    ///   - trail: where events of settled orders are found; `nil`: nowhere.
    ///   - lag: how far each consumer is behind; `nil`: that cannot be told.
    public func journeys(
        trail: AuditReader?, lag: (@Sendable () async throws -> [ServiceID: ConsumerLag])? = nil
    ) -> JourneyReader {
        JourneyReader(
            databases, clock: ports.clock, participants: participants, stateTables: Self.stateTables, trail: trail,
            lag: lag, gateway: ports.gateway.book)
    }

    /// Who emits what and who reacts to it.
    public var graph: ChoreographyGraph { ChoreographyGraph(participants) }
}
