import Journeys
import SQLCore
import SagaChoreography
import SagaSQL

extension ConsumerLag {
    /// How far each consumer is behind where its position in the outbox says how far it has come.
    ///
    /// - Throws: ``SQLError``.
    static func byPosition(
        _ participants: [SQLParticipant], in transaction: any SQLTransaction
    ) throws -> [ServiceID: ConsumerLag] {
        var lags: [ServiceID: ConsumerLag] = [:]
        for participant in participants {
            let row = try transaction.first(
                """
                SELECT COUNT(*) AS n, MIN(time) AS oldest FROM (
                    SELECT time FROM saga_outbox
                    WHERE type IN (\(list: participant.subscriptions.map(\.name).sorted())) AND seq > COALESCE(
                        (SELECT position FROM saga_positions WHERE consumer = \(participant.service.name)), 0)
                    ORDER BY seq LIMIT \(ServiceStandings.countedAtMost)
                ) AS waiting
                """)
            guard let row else { continue }
            lags[participant.service] = ConsumerLag(
                count: try row.int("n"),
                oldest: try row.optionalInt64("oldest").map { Timestamp(milliseconds: $0) })
        }
        return lags
    }
}
