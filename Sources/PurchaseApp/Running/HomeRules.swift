import PostgresAdapter
import SQLCore
import SagaChoreography
import SagaSQL

/// Keeps a process from taking a database for one that has more services than it has.
struct HomeRules {
    private let configuration: PurchaseConfiguration
    /// The services whose rows the process reads or writes.
    let needed: Set<ServiceID>

    init(_ configuration: PurchaseConfiguration) {
        self.configuration = configuration
        needed = configuration.reached
    }

    /// A table that has rows wherever a service ever did anything.
    private static let evidence: [ServiceID: String] = [
        "orders": "orders_orders", "coupons": "coupons_coupons", "users": "users_users",
        "inventory": "inventory_saga", "items": "items_items", "payments": "payments_saga",
        "notifications": "notifications_messages", "audit": "audit_entries",
    ]

    /// Notes whose database it is, unless that is known.
    ///
    /// - Throws: ``SQLError`` `.migration` if others have rows in it, or it is known to be for others; `.unavailable` and the like.
    func settle(_ wanted: Set<ServiceID>, in database: PostgresDatabase) async throws {
        let others = Set(ServiceChoice.known).subtracting(wanted)
        do {
            try await database.write { transaction in
                let homes = ServiceHomes(transaction)
                if let home = try homes.services() {
                    guard home == wanted else {
                        throw SQLError(
                            .migration,
                            """
                            '\(database.endpoint)' is the database of \(Self.list(home)), and would be that of \
                            \(Self.list(wanted)) as this process is configured; name each service's database with \
                            DATABASE_URL_ORDERS and the like as the others do. To move a service: docs/decomposition.md
                            """)
                    }
                    return
                }
                for service in others.sorted() {
                    guard let table = Self.evidence[service],
                        try transaction.first("SELECT 1 AS one FROM \(table: table) LIMIT 1") != nil
                    else { continue }
                    throw SQLError(
                        .migration,
                        """
                        '\(database.endpoint)' has rows of \(service), whose database is to be another one; \
                        move them first: docs/decomposition.md
                        """)
                }
                try homes.settle(wanted)
            }
        } catch let error as SQLError where error.isForbidden {
            throw SQLError(
                .migration,
                "'\(database.endpoint)' does not say whose database it is, and this role may not note it; run with "
                    + "the same configuration, as the role that owns it: purchase migrate")
        }
    }

    /// - Parameters:
    ///   - home: whose database it is; `nil`: everybody's.
    ///   - wanted: those that this process is configured to look for in it.
    /// - Throws: ``SQLError`` `.migration` if it is not that of whom this process needs there.
    func check(_ home: Set<ServiceID>?, of database: PostgresDatabase, for wanted: Set<ServiceID>) throws {
        guard let home else { return }
        let missing = wanted.intersection(needed).subtracting(home)
        guard missing.isEmpty else {
            let keys = ConfigurationKey.databases.filter { missing.contains($0.service) }.map(\.key.rawValue)
            throw SQLError(
                .migration,
                """
                '\(database.endpoint)' is the database of \(Self.list(home)) alone; a process that does \
                \(configuration.services.name) needs \(Self.list(missing)) as well: say where with \
                \(keys.joined(separator: ", "))
                """)
        }
    }

    private static func list(_ services: Set<ServiceID>) -> String {
        ServiceChoice.known.filter(services.contains).map(\.name).joined(separator: ", ")
    }
}
