import Audit
import Logging
import PostgresAdapter
import SQLCore
import SagaChoreography
import SagaSQL

/// Every database that a process works with, opened: mostly one.
///
/// Where services have databases of their own, each one says whose it is (``ServiceHomes``), and names are looked up in the schemas of
/// those services alone: whoever asks the wrong database for a service's rows is told that it has no such table, never that there are
/// no such rows.
public struct OpenDatabases: Sendable {
    /// Where each service's rows are.
    public let services: ServiceDatabases
    private let opened: [any OpenDatabase]

    /// Where the audit trail's log is.
    public var audit: any SQLDatabase { services[AuditParticipant.service] }

    /// Ends every connection after what it runs.
    ///
    /// - Throws: ``SQLError`` of the last one that could not be closed.
    public func close() throws {
        var failure: (any Error)?
        for database in opened { do { try database.close() } catch { failure = error } }
        if let failure { throw failure }
    }

    private init(_ main: any OpenDatabase) { (services, opened) = (ServiceDatabases(main), [main]) }

    private init(_ opened: [(database: any OpenDatabase, services: Set<ServiceID>)]) {
        self.opened = opened.map(\.database)
        services = ServiceDatabases(
            opened[0].database, apart: opened.dropFirst().map { ($0.database, $0.services) })
    }

    /// Opens them to write, as ``PurchaseDatabase/openToWrite(_:isServed:clock:logger:)`` does one, and settles whose each is if this
    /// process knows where everybody is.
    ///
    /// - Throws: ``SQLError`` `.unavailable`, `.locked` or `.migration`, each saying what to do.
    public static func openToWrite(
        _ configuration: PurchaseConfiguration, isServed: Bool = false, clock: SystemClock = SystemClock(),
        logger: Logger
    ) async throws -> OpenDatabases {
        guard case .postgres(let main, let poolSize) = configuration.database else {
            return OpenDatabases(
                try await PurchaseDatabase.openToWrite(
                    configuration, isServed: isServed, clock: clock, logger: logger))
        }
        return try await open(configuration, main) { endpoint, schemas in
            try await PurchaseDatabase.openToWrite(
                endpoint, poolSize, schemas: schemas, isServed: isServed, clock: clock, logger: logger)
        } settle: { database, wanted in
            // Only who is told where every service is knows whose a database is.
            guard !configuration.databasesApart.isEmpty, configuration.reached.count == ServiceChoice.known.count
            else { return }
            try await HomeRules(configuration).settle(wanted, in: database)
        }
    }

    /// Opens them beside running servers, to read only.
    ///
    /// - Throws: as ``PurchaseDatabase/openToRead(_:)``.
    public static func openToRead(_ configuration: PurchaseConfiguration) async throws -> OpenDatabases {
        guard case .postgres(let main, let poolSize) = configuration.database else {
            return OpenDatabases(try await PurchaseDatabase.openToRead(configuration))
        }
        return try await open(configuration, main) { endpoint, schemas in
            try await PurchaseDatabase.openToRead(endpoint, poolSize, schemas: schemas)
        } settle: { _, _ in
        }
    }

    private static func open(
        _ configuration: PurchaseConfiguration, _ main: PostgresEndpoint,
        _ open: (PostgresEndpoint, [String]) async throws -> PostgresDatabase,
        settle: (PostgresDatabase, Set<ServiceID>) async throws -> Void
    ) async throws -> OpenDatabases {
        let rules = HomeRules(configuration)
        var opened: [(database: any OpenDatabase, services: Set<ServiceID>)] = []
        do {
            for place in configuration.places(main) where !place.services.isDisjoint(with: rules.needed) {
                let database = try await open(place.endpoint, PurchaseSystem.schemas)
                let home: Set<ServiceID>?
                do {
                    try await settle(database, place.services)
                    home = try await database.read { try ServiceHomes($0).services() }
                    try rules.check(home, of: database, for: place.services)
                } catch {
                    database.close()
                    throw error
                }
                guard let home else {
                    opened.append((database, place.services))
                    continue
                }
                database.close()
                opened.append((try await open(place.endpoint, PurchaseSystem.schemas(of: home)), place.services))
            }
        } catch {
            for (database, _) in opened { try database.close() }
            throw error
        }
        return OpenDatabases(opened)
    }
}

extension PurchaseSystem {
    /// The schemas in which names are looked up where only some services are.
    static func schemas(of services: Set<ServiceID>) -> [String] {
        schemas.filter { ["public", "saga"].contains($0) || services.contains(ServiceID($0)) }
    }
}

extension PurchaseConfiguration {
    /// The services whose rows this process reads or writes.
    var reached: Set<ServiceID> {
        let everybody = Set(ServiceChoice.known)
        // The API answers for all of them, and what a service writes down for the audit trail is beside its rows.
        if services.hasAPI || isAuditKeptHere { return everybody }
        var reached = services.services
        // A coupon for everybody goes through the list of users; a letter needs an address.
        if reached.contains("coupons") { reached.insert("users") }
        if reached.contains("notifications"), notifications.mail != nil { reached.insert("users") }
        return reached
    }

    /// The databases, each with whose it is: first that of whoever has none of its own.
    func places(_ main: PostgresEndpoint) -> [(endpoint: PostgresEndpoint, services: Set<ServiceID>)] {
        var places = [(endpoint: main, services: Set(ServiceChoice.known).subtracting(databasesApart.keys))]
        for service in ServiceChoice.known {
            guard let endpoint = databasesApart[service] else { continue }
            if let index = places.dropFirst().firstIndex(where: { $0.endpoint.isSamePlace(as: endpoint) }) {
                places[index].services.insert(service)
            } else {
                places.append((endpoint, [service]))
            }
        }
        return places
    }
}
