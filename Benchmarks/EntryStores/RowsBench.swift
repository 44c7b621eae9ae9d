import Audit
import Foundation
import PostgresAdapter
import SQLCore
import SagaChoreography

/// The rows of entries alone, into the log's table with its indexes, a transaction a batch: what a faster way to bring them in could save.
struct RowsBench {
    enum Way: String, CaseIterable, Sendable {
        case insert = "INSERT of arrays"
        case copy = "COPY"
    }

    private static let columns = [
        "sequence", "id", "action", "resource", "resource_id", "actor", "actor_role", "ip_address", "user_agent",
        "occurred_at", "recorded_at", "status", "severity", "details", "correlation_id", "service", "hash",
    ]
    private static let insertion = ManyRows(
        into: """
            audit_entries (sequence, id, action, resource, resource_id, actor, actor_role, ip_address, user_agent,
                occurred_at, recorded_at, status, severity, details, correlation_id, service, hash)
            """,
        columns: [
            .integer, .uuid, .text, .text, .text, .uuid, .text, .text, .text, .integer, .integer, .text, .integer,
            .text, .uuid, .text, .bytes,
        ])

    private let url: String
    private let way: Way

    init(_ url: String, by way: Way) {
        self.url = url
        self.way = way
    }

    nonisolated(nonsending) func run(
        _ body: (@Sendable ([LoggedEntry]) async throws -> Void) async throws -> Void
    ) async throws {
        let database = try await LogBench.open(url)
        let way = way
        // Far behind the log's own entries.
        let places = Int64(Way.allCases.firstIndex(of: way) ?? 0) * 1_000_000_000 + 1_000_000_000
        try await database.write { try $0.execute("DELETE FROM audit_entries WHERE sequence > \(1_000_000_000)") }
        try await body { entries in
            try await database.write { transaction in
                switch way {
                case .insert:
                    try Self.insertion.run(entries, in: transaction) { Self.values(of: $0, behind: places) }
                case .copy:
                    guard let bulk = transaction as? any BulkCopying else {
                        throw SQLError(.misuse, "the database cannot COPY")
                    }
                    try bulk.copy(
                        entries.map { Self.values(of: $0, behind: places) }, into: "audit_entries",
                        columns: Self.columns)
                }
            }
        }
        try database.close()
    }

    private static func values(of logged: LoggedEntry, behind places: Int64) -> [SQLValue] {
        let entry = logged.entry
        return [
            .integer(places + logged.sequence), .uuid(entry.id), .text(entry.action), .text(entry.resource),
            .text(entry.resourceID), entry.actor.userID.sqlValue, entry.actor.role.sqlValue,
            entry.actor.ipAddress.sqlValue, entry.actor.userAgent.sqlValue, .integer(entry.occurredAt.milliseconds),
            .integer(logged.recordedAt.milliseconds), .text(entry.status.rawValue), .integer(entry.severity.rawValue),
            .utf8(entry.details), entry.correlationID.sqlValue, .text(entry.service.name), .bytes(logged.hash),
        ]
    }
}
