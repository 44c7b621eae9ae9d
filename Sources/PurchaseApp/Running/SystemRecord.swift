import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// Writes down for the audit trail what is done to the system itself.
struct SystemRecord: Sendable {
    private static let service: ServiceID = "system"

    private let database: any SQLDatabase
    private let clock: any SagaClock

    init(_ database: any SQLDatabase, clock: any SagaClock = SystemClock()) {
        self.database = database
        self.clock = clock
    }

    /// A process begins, with what it was told; secrets masked.
    func started(_ configuration: PurchaseConfiguration) async throws {
        let told = configuration.report.filter { $0.source != "default" && $0.value != "not set" }
        try await write(
            "started", "process", configuration.services.name, .medium, ["version": PurchaseServer.version])
        try await write(
            "configured", "process", configuration.services.name, .medium,
            Dictionary(told.map { ($0.key, $0.value) }) { first, _ in first })
    }

    /// A process ends as it was asked to.
    func stopped(_ configuration: PurchaseConfiguration) async throws {
        try await write(
            "stopped", "process", configuration.services.name, .medium, ["version": PurchaseServer.version])
    }

    /// The schema was changed.
    func migrated(_ migrations: [String]) async throws {
        try await write(
            "migrated", "schema", migrations.last ?? "", .high,
            ["version": PurchaseServer.version, "migrations": migrations.joined(separator: ", ")])
    }

    /// A backup was put in the place of the database, and this is it.
    func restored(from file: String, settledOrders: Int) async throws {
        try await write("restored", "database", file, .critical, ["settledOrders": String(settledOrders)])
    }

    /// Everything came from another database; in the transaction that ends it.
    func imported(from file: String, rows: Int64, in transaction: any SQLTransaction) throws {
        try write("imported", "database", file, .critical, ["rows": String(rows)], in: transaction)
    }

    private func write(
        _ what: String, _ resource: String, _ id: String, _ severity: AuditRecord.Severity,
        _ details: [String: String]
    ) async throws {
        try await database.write { try write(what, resource, id, severity, details, in: $0) }
    }

    private func write(
        _ what: String, _ resource: String, _ id: String, _ severity: AuditRecord.Severity,
        _ details: [String: String], in transaction: any SQLTransaction
    ) throws {
        let record = AuditRecord(
            service: Self.service, action: "system.\(what)", resource: resource, resourceID: String(id.prefix(255)),
            actor: nil, severity: severity, details: details)
        let ids = UUIDv7Generator(clock: clock, random: SystemRandom())
        try AuditLog.write(record, in: SQLStep(transaction: transaction, now: clock.now(), ids: ids))
    }
}
