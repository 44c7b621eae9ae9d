import PostgresAdapter
import SQLCore
import SagaChoreography

extension ConfigurationParser {
    /// Services that have a PostgreSQL database of their own, and where that is.
    mutating func databasesApart(
        _ main: DatabaseChoice, _ bus: BusChoice, _ stage: PurchaseConfiguration.Stage
    ) -> [ServiceID: PostgresEndpoint] {
        var found: [ServiceID: PostgresEndpoint] = [:]
        for (key, service) in ConfigurationKey.databases {
            guard let url = optional(key) else { continue }
            if case .sqlite = main { complain(key, "needs DATABASE_TYPE=postgres: a file has every service in it") }
            if case .embedded = bus { complain(key, "needs EVENT_BUS=redis: the embedded bus is in one database") }
            do {
                let endpoint = try PostgresEndpoint(url: url)
                if endpoint.password == nil, stage == .production {
                    complain(key, "has no password, required in production")
                }
                found[service] = endpoint
            } catch {
                complain(key, (error as? SQLError)?.detail ?? "\(error)")
            }
        }
        // The service is where it would be anyway.
        guard case .postgres(let here, _) = main else { return found }
        return found.filter { !$0.value.isSamePlace(as: here) }
    }
}

extension ConfigurationKey {
    /// Where each service's own database is named.
    static let databases: [(key: ConfigurationKey, service: ServiceID)] = [
        (.databaseURLOrders, "orders"), (.databaseURLCoupons, "coupons"), (.databaseURLUsers, "users"),
        (.databaseURLInventory, "inventory"), (.databaseURLItems, "items"), (.databaseURLPayments, "payments"),
        (.databaseURLNotifications, "notifications"), (.databaseURLAudit, "audit"),
    ]
}

extension PostgresEndpoint {
    /// Whether both name one and the same database, whoever logs in.
    func isSamePlace(as other: PostgresEndpoint) -> Bool {
        (host, port, database) == (other.host, other.port, other.database)
    }
}
