import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Which events of the gateway were taken in.
struct GatewayEventStore {
    let step: SQLStep

    /// The digest under which an event was recorded; `nil` if it is new.
    func digest(of id: String) throws -> Data? {
        try step.transaction.first("SELECT digest FROM payments_gateway_events WHERE id = \(id)")?.bytes("digest")
    }

    /// - Throws: ``SQLError`` `.busy` if another transaction recorded it first.
    func record(_ event: GatewayEvent, as outcome: RecordGatewayEvent.Outcome) throws {
        let isNew = try step.transaction.changesOne(
            """
            INSERT INTO payments_gateway_events (id, digest, subject, kind, outcome, received_at)
            VALUES (\(event.id), \(SQLValue.bytes(event.digest)), \(event.orderID), \(event.kind.rawValue),
                \(outcome.rawValue), \(step.now.milliseconds))
            ON CONFLICT (id) DO NOTHING
            """)
        guard isNew else { throw SQLError(.busy, "payments_gateway_events: another transaction inserted it first") }
    }

    /// Removes what came before `time`; what contradicts a payment stays.
    func prune(before time: Timestamp, limit: Int) throws -> Int {
        try step.transaction.execute(
            """
            DELETE FROM payments_gateway_events WHERE id IN (
                SELECT id FROM payments_gateway_events
                WHERE outcome <> 'contradiction' AND received_at < \(time.milliseconds)
                ORDER BY received_at LIMIT \(limit: limit))
            """)
    }
}
