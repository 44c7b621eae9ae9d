import FoundationEssentials
import SQLCore
import SagaChoreography

/// The table in which a service keeps its state of each saga instance: one row a subject, which is also what
/// deduplicates the service's reactions and carries tombstones.
///
/// The service's migration creates it, with at least
/// `subject BLOB PRIMARY KEY, state TEXT, settled INTEGER, created_at INTEGER, updated_at INTEGER` and a CHECK that lists the
/// states. Further columns are the service's own.
public struct StateTable<State: RawRepresentable<String> & Sendable>: Sendable {
    /// The table's name: lower-case letters, digits and `_`.
    public let name: String

    /// The state table of that name.
    public init(_ name: String) { self.name = name }

    /// Locks and reads the state of `subject`; `nil` if this service never touched it.
    ///
    /// - Throws: ``SQLError``.
    public func state(of subject: UUID, in transaction: any SQLTransaction) throws -> State? {
        try states(of: [subject], in: transaction)[subject]
    }

    /// Locks and reads the states of several subjects; those never touched are missing from the result.
    ///
    /// - Throws: ``SQLError``.
    public func states(of subjects: [UUID], in transaction: any SQLTransaction) throws -> [UUID: State] {
        try asking(of: subjects, in: transaction).answer()
    }

    /// As ``states(of:in:)``, asked beside other things.
    ///
    /// - Throws: ``SQLError``.
    public func asking(of subjects: [UUID], in transaction: any SQLTransaction) throws -> Pending<[UUID: State]> {
        // Ascending, so that two transactions that lock the same rows do so in the same order.
        let asked = try transaction.asking(
            BoundedList.parts(of: subjects.sorted { $0.precedes($1) }).map { part in
                switch transaction.dialect {
                case .sqlite: "SELECT subject, state FROM \(table: name) WHERE subject IN (\(list: part))"
                case .postgres:
                    """
                    SELECT subject, state FROM \(table: name) WHERE subject IN (\(list: part))
                    ORDER BY subject FOR UPDATE
                    """
                }
            })
        return Pending(asked) { rows in
            var states: [UUID: State] = [:]
            states.reserveCapacity(rows.count)
            for row in rows { states[try row.uuid("subject")] = try row.value("state", as: State.self) }
            return states
        }
    }

    /// Inserts the row of a subject that was never touched.
    ///
    /// - Throws: ``SQLError`` `.busy` if another transaction was first: the delivery is then repeated and finds its row.
    public func open(_ subject: UUID, as state: State, at now: Timestamp, in transaction: any SQLTransaction) throws {
        let inserted = try transaction.changesOne(
            """
            INSERT INTO \(table: name) (subject, state, settled, created_at, updated_at)
            VALUES (\(subject), \(state.rawValue), \(false), \(now.milliseconds), \(now.milliseconds))
            ON CONFLICT (subject) DO NOTHING
            """)
        guard inserted else { throw SQLError(.busy, "\(name): another transaction inserted the row first") }
    }

    /// Moves a row from the state that was read to the next.
    ///
    /// - Throws: ``SQLError`` `.busy` if the row is no longer in `from`.
    public func move(
        _ subject: UUID, from: State, to: State, at now: Timestamp, in transaction: any SQLTransaction
    ) throws {
        let moved = try transaction.changesOne(
            """
            UPDATE \(table: name) SET state = \(to.rawValue), updated_at = \(now.milliseconds)
            WHERE subject = \(subject) AND state = \(from.rawValue)
            """)
        guard moved else { throw SQLError(.busy, "\(name): the row left state \(from.rawValue) meanwhile") }
    }
}

extension StateTable {
    /// Moves many rows from the state that was read, or supposed, to the next, in few statements.
    ///
    /// - Throws: ``SQLError`` `.busy`, or ``WrongSupposition`` where that is allowed, if one is not in `from`.
    public func moveAll(_ subjects: [UUID], from: State, to: State, in step: SQLStep) throws {
        let raced = step.refusal(SQLError(.busy, "\(name): a row left state \(from.rawValue) meanwhile"))
        for part in BoundedList.parts(of: Set(subjects).sorted { $0.precedes($1) }) {
            try step.transaction.later(
                """
                UPDATE \(table: name) SET state = \(to.rawValue), updated_at = \(step.now.milliseconds)
                WHERE state = \(from.rawValue) AND subject IN (\(list: part))
                """, changing: ExpectedChanges(part.count, else: raced))
        }
    }
}

extension UUID {
    /// Whether this id sorts before `other`, byte by byte (for UUIDv7: by time).
    public func precedes(_ other: UUID) -> Bool {
        withUnsafeBytes(of: uuid) { left in
            withUnsafeBytes(of: other.uuid) { right in left.lexicographicallyPrecedes(right) }
        }
    }
}
