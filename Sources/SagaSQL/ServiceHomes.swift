import SQLCore
import SagaChoreography

/// Says of a PostgreSQL database for whose rows it is. The tables of others may be there, and stay empty: with this nobody takes them
/// for a service that has nothing.
public struct ServiceHomes {
    private let transaction: any SQLTransaction

    /// Reads and writes in an open transaction.
    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// The services whose database it is; `nil`: everybody's.
    ///
    /// - Throws: ``SQLError``.
    public func services() throws -> Set<ServiceID>? {
        guard transaction.dialect == .postgres else { return nil }
        let names = try transaction.rows("SELECT service FROM saga_homes").map { ServiceID(try $0.text("service")) }
        return names.isEmpty ? nil : Set(names)
    }

    /// From now on it is the database of these, and of nobody else.
    ///
    /// - Throws: ``SQLError``.
    public func settle(_ services: Set<ServiceID>) throws {
        for service in services.sorted() {
            try transaction.execute(
                "INSERT INTO saga_homes (service) VALUES (\(service.name)) ON CONFLICT (service) DO NOTHING")
        }
    }
}
