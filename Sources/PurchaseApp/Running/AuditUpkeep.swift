import Audit
import Foundation
import Logging
import SQLCore
import SagaChoreography
import SagaSQL

/// Retention and holds of the configured database's audit trail, from the command line; on SQLite while no server runs.
public enum AuditUpkeep {
    /// What a cleanup did, or would do.
    public struct Cleaned: Sendable, Codable {
        /// Segments from which something goes.
        public let segments: Int
        public let entries: Int64
        /// Entries that would go, if no hold kept them.
        public let held: Int64
        /// Segments that are not what was recorded, and were left alone.
        public let damaged: [Int64]

        init(_ outcome: AuditCleanup.Outcome) {
            segments = outcome.segments
            entries = outcome.entries
            held = outcome.held
            damaged = outcome.damaged
        }
    }

    /// What a hold covers; what is `nil` does not matter.
    public struct Covered: Sendable {
        public var actor: UUID?
        public var order: UUID?
        public var resource: String?
        public var resourceID: String?
        public var action: String?

        public init() {}
    }

    /// A hold in force.
    public struct Held: Sendable, Codable {
        public let hold: String
        public let placedAt: String
        public let reason: String
    }

    /// What a repair did.
    public struct Repaired: Sendable, Codable {
        public struct Part: Sendable, Codable {
            public let first: Int64
            public let last: Int64
        }

        /// Entries that were written to the log, and to the store beside it.
        public let log: Int
        public let store: Int
        /// Parts that are damaged in both.
        public let hopeless: [Part]
    }

    /// Makes the log and the store beside it the same again; there has to be one.
    ///
    /// - Throws: ``SQLError`` `.locked` while a server runs on the file; ``SagaFault`` `.unavailable` if the store is away.
    public static func repair(_ configuration: PurchaseConfiguration, reason: String) async throws -> Repaired {
        try await writing(configuration) { database in
            guard let second = SecondStore(configuration) else {
                throw SagaFault.unavailable("no store beside the log is configured")
            }
            let clock = SystemClock()
            let repair = RepairTrail(
                database, second.store, hash: SHA256Hash(), clock: clock,
                ids: UUIDv7Generator(clock: clock, random: SystemRandom()))
            let outcome = try await repair.run(reason: reason)
            await second.close()
            return Repaired(
                log: outcome.log, store: outcome.store,
                hopeless: outcome.hopeless.map { .init(first: $0.lowerBound, last: $0.upperBound) })
        }
    }

    /// Takes away what was kept long enough, or says what that would be.
    ///
    /// - Throws: ``SQLError`` `.locked` while a server runs on the file.
    public static func cleanUp(
        _ configuration: PurchaseConfiguration, isDry: Bool,
        progress: @escaping @Sendable (Int64) -> Void = { _ in }
    ) async throws -> Cleaned {
        let second = SecondStore(configuration)
        if isDry {
            let database = try await OpenDatabases.openToRead(configuration).audit
            return Cleaned(
                try await cleanup(configuration, database, second).run(isDry: true) { progress($0.entries) })
        }
        return Cleaned(
            try await writing(configuration) { database in
                try await cleanup(configuration, database, second).run { progress($0.entries) }
            })
    }

    private static func cleanup(
        _ configuration: PurchaseConfiguration, _ database: any SQLDatabase, _ second: SecondStore?
    ) -> AuditCleanup {
        let clock = SystemClock()
        return AuditTrail.cleanup(
            configuration, on: database, store: second?.store, clock: clock,
            ids: UUIDv7Generator(clock: clock, random: SystemRandom()))
    }

    /// Keeps what a filter lets through from retention.
    ///
    /// - Returns: the hold's id.
    /// - Throws: ``SQLError`` `.locked` while a server runs on the file.
    public static func hold(
        _ configuration: PurchaseConfiguration, _ covered: Covered, reason: String
    ) async throws -> UUID {
        var filter = AuditFilter()
        (filter.actor, filter.correlationID, filter.action) = (covered.actor, covered.order, covered.action)
        (filter.resource, filter.resourceID) = (covered.resource, covered.resourceID)
        let hold = PlaceHold(filter, reason: reason, actor: nil)
        return try await writing(configuration) { try await commands($0).run(hold).id }
    }

    /// Ends a hold.
    ///
    /// - Returns: whether it was there and in force.
    /// - Throws: ``SQLError`` `.locked` while a server runs on the file.
    public static func release(
        _ configuration: PurchaseConfiguration, _ hold: UUID, reason: String
    ) async throws -> Bool {
        try await writing(configuration) { database in
            try await commands(database).run(ReleaseHold(hold, reason: reason, actor: nil))
        }
    }

    /// The holds in force, the oldest first.
    ///
    /// - Throws: ``SQLError``.
    public static func holds(_ configuration: PurchaseConfiguration) async throws -> [Held] {
        try await OpenDatabases.openToRead(configuration).audit.read { try AuditQueries($0).holds() }.map {
            Held(hold: $0.id.uuidString.lowercased(), placedAt: "\($0.placedAt)", reason: $0.reason)
        }
    }

    private static func commands(_ database: any SQLDatabase) -> SQLCommands {
        let clock = SystemClock()
        return SQLCommands(
            service: AuditParticipant.service, store: SQLSagaStore(database), clock: clock,
            ids: UUIDv7Generator(clock: clock, random: SystemRandom()), observer: NoObserver(), probe: NoProbe())
    }

    private struct NoObserver: SagaObserver {
        func committed(_ envelopes: [Envelope]) {}
        func delivered(_ report: DeliveryReport) {}
        func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp) {}
    }

    private static func writing<Result: Sendable>(
        _ configuration: PurchaseConfiguration, _ body: (any SQLDatabase) async throws -> Result
    ) async throws -> Result {
        let quiet = Logger(label: "purchase") { _ in SwiftLogNoOpLogHandler() }
        let opened = try await OpenDatabases.openToWrite(configuration, logger: quiet)
        do {
            let result = try await body(opened.audit)
            try opened.close()
            return result
        } catch {
            try opened.close()
            throw error
        }
    }
}
