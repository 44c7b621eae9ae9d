import FoundationEssentials
import SQLCore
import SagaChoreography

/// How a database keeps the outbox. What only reads it event by event asks `saga_outbox`, which both have.
protocol OutboxTable: Sendable {
    /// How many positions belong to a row. Rows begin at multiples of it.
    var positionsPerRow: Int64 { get }
    /// The table whose rows have a relay: `relay`, `acknowledged`, `seq`, and `time` of the oldest event.
    var name: StaticString { get }
    /// What has `seq`, `id`, `type`, `source`, `subject`, `time`, `causation_id` and `acknowledged` of each event.
    var heads: StaticString { get }

    /// Adds events, in order.
    ///
    /// - Parameters:
    ///   - groups: what is taken out again together, see ``takeOut(of:by:except:in:)``.
    ///   - told: hears the events with their positions, in parts, at the latest before the commit.
    /// - Throws: ``SQLError``.
    func append(
        _ groups: [[Envelope]], in transaction: any SQLTransaction, _ told: @escaping ([Delivery]) -> Void) throws

    /// Takes out what there is of some sagas, so that it can be added again.
    ///
    /// - Returns: the events, and which positions are gone.
    /// - Throws: ``SQLError``.
    func takeOut(
        of subjects: [UUID], by service: ServiceID, except: EventType, in transaction: any SQLTransaction
    ) throws -> (events: [Delivery], gone: [Int64])

    /// What there is of a saga, in order.
    ///
    /// - Throws: ``SQLError``.
    func held(of subject: UUID, in transaction: any SQLTransaction) throws -> [Delivery]

    /// The next events that a relay may have to send: all events of a row, or none.
    ///
    /// - Parameters:
    ///   - condition: whose, in SQL.
    ///   - limit: how many at least, if there are so many.
    /// - Throws: ``SQLError``.
    func page(
        from position: Int64, where condition: String, limit: Int, in transaction: any SQLTransaction
    ) throws -> [Delivery]

    /// The positions of the first 100,000 rows that a relay may have to send.
    ///
    /// - Throws: ``SQLError``.
    func positions(where condition: String, in transaction: any SQLTransaction) throws -> [Range<Int64>]

    /// Whose rows there are that a relay may have to send; `nil`: nobody's.
    ///
    /// - Throws: ``SQLError``.
    func relays(in transaction: any SQLTransaction) throws -> [Int64?]

    /// Deletes those rows of which every saga is closed.
    ///
    /// - Parameters:
    ///   - rows: of which nobody needs an event any more; what has another number of events is left alone.
    ///   - closed: how to ask which sagas are; `nil`: all of these are known to be.
    /// - Returns: which are gone.
    /// - Throws: ``SQLError``.
    func delete(_ rows: [OutboxRow], _ closed: ClosedSagas?, in transaction: any SQLTransaction) throws -> Set<Int64>

    /// Notes that everybody has these rows, of sagas that go on for long.
    ///
    /// - Throws: ``SQLError``.
    func keep(_ rows: [OutboxRow], _ closed: ClosedSagas, in transaction: any SQLTransaction) throws
}

/// Which events of the outbox belong to no saga that goes on.
struct ClosedSagas: Sendable {
    /// In SQL, of `subject` and `source` of a table `saga_outbox`.
    ///
    /// By a value, not by EXISTS: of that PostgreSQL would make a set of everything that was ever settled.
    let condition: String
    /// Whose sagas it knows; those of others are taken for open.
    let services: [ServiceID]

    /// - Parameter stateTables: names come from the code, never from outside.
    init(_ stateTables: [ServiceID: String]) {
        let tables = stateTables.sorted { $0.key < $1.key }
        services = tables.map(\.key)
        let settled = tables.map { service, table in
            "WHEN '\(service)' THEN (SELECT s.settled FROM \(table) AS s WHERE s.subject = saga_outbox.subject)"
        }
        condition =
            settled.isEmpty
            ? "subject IS NULL" : "subject IS NULL OR CASE source \(settled.joined(separator: " ")) END"
    }
}

/// A row of the outbox.
struct OutboxRow: Sendable, Hashable {
    /// The position of its first event.
    let position: Int64
    /// How many events it has.
    let size: Int64
}

extension SQLDialect {
    var outbox: any OutboxTable {
        switch self {
        case .sqlite: OutboxRows()
        case .postgres: OutboxBundles()
        }
    }
}

extension OutboxTable {
    /// The first position of the row that an event is in.
    func row(of position: Int64) -> Int64 { position - position % positionsPerRow }
}
