import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

extension PurchaseSystem {
    /// What administrators may do to messages that could not be handled.
    public func deadLetters(by commands: SQLCommands, clock: any SagaClock, ids: any IDGenerator) -> DeadLetters {
        DeadLetters(
            on: database, commands: commands, rules: Self.deadLetterRules(participants), clock: clock, ids: ids)
    }

    static func deadLetterRules(_ participants: [SQLParticipant]) -> DeadLetterRules {
        DeadLetterRules(participants: participants, stateTables: stateTables) { event, transaction in
            guard let event = event as? any OrderEvent else { return false }
            return try OrderQueries(transaction).contradicts(event.order)
        }
    }
}
