import FoundationEssentials
import SQLCore
import SagaChoreography

/// What services' state tables (``StateTable``) say of sagas, read without a lock: for whoever only looks.
public struct SagaStates: Sendable {
    /// What one service's row says.
    public struct Row: Sendable, Hashable {
        /// One of the service's own states.
        public let state: String
        /// Whether the service knows that the saga is over.
        public let isSettled: Bool
        /// When the service first heard of the saga.
        public let openedAt: Timestamp
        /// When the row changed last; of a settled one: when it was settled.
        public let changedAt: Timestamp
    }

    private let tables: [(service: ServiceID, table: String)]

    /// - Parameter tables: each service's state table.
    public init(_ tables: [ServiceID: String]) {
        self.tables = tables.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// The rows of several sagas; services that never heard of one are missing.
    ///
    /// - Parameter place: where the transaction reads; `nil`: where all services are.
    /// - Throws: ``SQLError``.
    public func rows(
        of subjects: [UUID], at place: ServiceDatabases.Place? = nil, in transaction: any SQLTransaction
    ) throws -> [UUID: [ServiceID: Row]] {
        var found: [UUID: [ServiceID: Row]] = [:]
        for (service, table) in tables where place?.has(service) ?? true {
            for part in BoundedList.parts(of: subjects) {
                let rows = try transaction.rows(
                    """
                    SELECT subject, state, settled, created_at, updated_at FROM \(table: table)
                    WHERE subject IN (\(list: part))
                    """)
                for row in rows {
                    found[try row.uuid("subject"), default: [:]][service] = Row(
                        state: try row.text("state"), isSettled: try row.bool("settled"),
                        openedAt: Timestamp(milliseconds: try row.int64("created_at")),
                        changedAt: Timestamp(milliseconds: try row.int64("updated_at")))
                }
            }
        }
        return found
    }

    /// As ``rows(of:at:in:)``, wherever the services are.
    ///
    /// - Throws: ``SQLError``.
    public func rows(of subjects: [UUID], in databases: ServiceDatabases) async throws -> [UUID: [ServiceID: Row]] {
        var found: [UUID: [ServiceID: Row]] = [:]
        for place in databases.places {
            let rows = try await place.database.read { try self.rows(of: subjects, at: place, in: $0) }
            for (subject, rows) in rows { found[subject, default: [:]].merge(rows) { $1 } }
        }
        return found
    }
}
