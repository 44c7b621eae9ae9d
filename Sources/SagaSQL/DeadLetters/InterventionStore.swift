import FoundationEssentials
import SQLCore
import SagaChoreography

/// Operations and what became of them, as rows.
struct InterventionStore {
    private let transaction: any SQLTransaction

    init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// Notes an operation; again for one that is known, which stays as it is.
    func begin(_ id: UUID, _ kind: Intervention.Kind, by request: InterventionRequest, at now: Timestamp) throws {
        try transaction.execute(
            """
            INSERT INTO saga_operations (id, kind, actor, reason, requested_at)
            VALUES (\(id), \(kind.rawValue), \(request.actor), \(request.reason), \(now.milliseconds))
            ON CONFLICT (id) DO NOTHING
            """)
    }

    /// - Parameter replaced: the envelope that an edit replaces, or a discard forgets.
    func add(_ item: Intervention.Item, to operation: UUID, replaced: String? = nil) throws {
        try transaction.execute(
            """
            INSERT INTO saga_operation_items (operation, item, consumer, event_id, type, subject, state, disposition,
                emitted, detail, replaced, finished_at)
            VALUES (\(operation), \(item.id), \(item.consumer.name), \(item.eventID), \(item.type.name), \(item.subject),
                \(item.state.rawValue), \(item.disposition?.rawValue), \(item.emitted.text), \(item.detail),
                \(replaced), \(item.finishedAt?.milliseconds))
            """)
    }

    /// A replayed message was handled.
    func handled(_ event: UUID, as report: DeliveryReport, for group: ServiceID, at now: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE saga_operation_items SET state = 'handled', disposition = \(report.disposition.rawValue),
                emitted = \(report.emitted.map(\.type).text), finished_at = \(now.milliseconds)
            WHERE consumer = \(group.name) AND event_id = \(event) AND state = 'requested'
            """)
    }

    /// A message is parked: if that was because of a replay, the operation learns of it.
    func parked(_ event: UUID, because fault: SagaFault, for group: ServiceID, at now: Timestamp) throws {
        try transaction.execute(
            """
            UPDATE saga_operation_items SET state = 'parked', detail = \(fault.summary),
                finished_at = \(now.milliseconds)
            WHERE consumer = \(group.name) AND event_id = \(event) AND state = 'requested'
            """)
    }

    func operation(_ id: UUID) throws -> Intervention? {
        let row = try transaction.first(
            "SELECT kind, actor, reason, requested_at FROM saga_operations WHERE id = \(id)")
        guard let row else { return nil }
        let items = try transaction.rows(
            "SELECT \(fixed: Self.columns) FROM saga_operation_items WHERE operation = \(id) ORDER BY item")
        return Intervention(
            id: id, kind: try row.value("kind", as: Intervention.Kind.self), actor: try row.optionalUUID("actor"),
            reason: try row.text("reason"), requestedAt: Timestamp(milliseconds: try row.int64("requested_at")),
            items: try items.map(Self.item))
    }

    /// The operations that one parked message was part of, the last one first, each with that message alone.
    func operations(on item: UUID, limit: Int) throws -> [Intervention] {
        try transaction.rows(
            """
            SELECT o.id AS operation, o.kind, o.actor, o.reason, o.requested_at, i.item, i.consumer, i.event_id,
                i.type, i.subject, i.state, i.disposition, i.emitted, i.detail, i.finished_at
            FROM saga_operation_items AS i JOIN saga_operations AS o ON o.id = i.operation
            WHERE i.item = \(item) ORDER BY o.id DESC LIMIT \(limit)
            """
        ).map { row in
            Intervention(
                id: try row.uuid("operation"), kind: try row.value("kind", as: Intervention.Kind.self),
                actor: try row.optionalUUID("actor"), reason: try row.text("reason"),
                requestedAt: Timestamp(milliseconds: try row.int64("requested_at")), items: [try Self.item(row)])
        }
    }

    private static let columns: StaticString =
        "item, consumer, event_id, type, subject, state, disposition, emitted, detail, finished_at"

    private static func item(_ row: SQLRow) throws -> Intervention.Item {
        Intervention.Item(
            id: try row.uuid("item"), consumer: ServiceID(try row.text("consumer")),
            eventID: try row.optionalUUID("event_id"), type: EventType(try row.text("type")),
            subject: try row.optionalUUID("subject"),
            state: try row.value("state", as: Intervention.State.self),
            disposition: try row.optionalText("disposition").flatMap { Disposition(rawValue: $0) },
            emitted: try row.text("emitted").split(separator: ",").map { EventType(String($0)) },
            detail: try row.optionalText("detail"),
            finishedAt: try row.optionalInt64("finished_at").map { Timestamp(milliseconds: $0) })
    }
}

extension [EventType] {
    fileprivate var text: String { map(\.name).joined(separator: ",") }
}

/// Who asks for an operation, and why.
public struct InterventionRequest: Sendable, Hashable {
    /// Who asks, if it is a user.
    public let actor: UUID?
    /// Why: 1 to 500 characters.
    public let reason: String

    /// A request; a longer reason is cut off.
    public init(by actor: UUID?, reason: String) {
        self.actor = actor
        self.reason = String(reason.prefix(500))
    }
}

/// Operations on a database: what was asked for, and what is known of its outcome.
public enum Interventions {
    /// One of them; `nil` if there is none of that id.
    ///
    /// - Throws: ``SQLError``.
    public static func operation(_ id: UUID, in transaction: any SQLTransaction) throws -> Intervention? {
        try InterventionStore(transaction).operation(id)
    }

    /// What was done before to one parked message, the last operation first, each with that message alone.
    ///
    /// - Throws: ``SQLError``.
    public static func history(
        of message: UUID, limit: Int = 20, in transaction: any SQLTransaction
    ) throws -> [Intervention] {
        try InterventionStore(transaction).operations(on: message, limit: limit)
    }

    /// Notes a resync of one saga, whose outcome is yet to be seen.
    ///
    /// - Parameters:
    ///   - saga: the saga whose events are sent again.
    ///   - service: whose saga it is.
    ///   - type: the event by which the others are asked.
    ///   - isNeeded: `false` for a saga that is settled: there is nothing to be seen.
    /// - Returns: the operation's id.
    /// - Throws: ``SQLError``.
    public static func noteResync(
        of saga: UUID, in service: ServiceID, by type: EventType, _ request: InterventionRequest, isNeeded: Bool,
        _ step: SQLStep
    ) throws -> UUID {
        let (store, id) = (InterventionStore(step.transaction), step.ids.next())
        try store.begin(id, .resync, by: request, at: step.now)
        let item = Intervention.Item(
            id: saga, consumer: service, eventID: nil, type: type, subject: saga,
            state: isNeeded ? .requested : .handled, disposition: isNeeded ? nil : .ignored,
            detail: isNeeded ? nil : "settled", finishedAt: isNeeded ? nil : step.now)
        try store.add(item, to: id)
        return id
    }
}
