import SQLCore
import SagaChoreography
import SagaSQL

/// What the engine's tables say at one moment, of the whole system: every process that shares them reads the same.
struct EngineReading: Sendable {
    var outbox: Int64 = 0
    /// When the oldest event was emitted that some consumer has not handled.
    var oldest: Timestamp?
    var inbox: Int64 = 0
    /// Messages waiting to be tried again, by consumer.
    var retries: [ServiceID: Int64] = [:]
    /// Messages set aside, by consumer.
    var parked: [ServiceID: Int64] = [:]

    /// - Parameter isRelayed: whether events leave the outbox by a relay; else each group's position says what it has handled.
    /// - Throws: ``SQLError``.
    init(_ participants: [SQLParticipant], isRelayed: Bool, in transaction: any SQLTransaction) throws {
        // In one look: the table holds what is under way.
        let extent = try OutboxReader.extent(in: transaction)
        outbox = extent.events
        if isRelayed {
            oldest = extent.oldest
        } else {
            oldest = try EngineChecks.oldestUnacknowledged(participants, in: transaction)
        }
        inbox = try transaction.first("SELECT COUNT(*) AS n FROM saga_inbox")?.int64("n") ?? 0
        let none = Dictionary(uniqueKeysWithValues: participants.map { ($0.service, Int64(0)) })
        retries = try Self.counts(
            "SELECT consumer, COUNT(*) AS n FROM saga_retries GROUP BY consumer", none, transaction)
        parked = try Self.counts("SELECT consumer, COUNT(*) AS n FROM saga_parked GROUP BY consumer", none, transaction)
    }

    /// The same with what another database has.
    func joined(by other: EngineReading) -> EngineReading {
        var sum = self
        sum.outbox += other.outbox
        sum.oldest = [oldest, other.oldest].compactMap(\.self).min()
        sum.inbox += other.inbox
        sum.retries.merge(other.retries, uniquingKeysWith: +)
        sum.parked.merge(other.parked, uniquingKeysWith: +)
        return sum
    }

    private static func counts(
        _ statement: SQLStatement, _ none: [ServiceID: Int64], _ transaction: any SQLTransaction
    ) throws -> [ServiceID: Int64] {
        var counts = none
        for row in try transaction.rows(statement) { counts[ServiceID(try row.text("consumer"))] = try row.int64("n") }
        return counts
    }
}
