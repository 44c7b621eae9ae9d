import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

extension PurchaseSystem {
    /// What administrators may do to messages that could not be handled.
    public func deadLetters(by commands: SQLCommands, clock: any SagaClock, ids: any IDGenerator) -> DeadLetters {
        DeadLetters(on: database, commands: commands, rules: Self.deadLetterRules, clock: clock, ids: ids)
    }

    /// Decisions do not follow this process's channels: another one may be the one that notifies, so a message that any channel would
    /// carry has an effect.
    ///
    /// An edit may only say what Orders can confirm, field by field: an order's facts and nothing else. Whatever an event decides by itself
    /// (a price, a discount, a capacity, a cause) nobody may make up.
    static let deadLetterRules = DeadLetterRules(
        participants: participants(channels: ["console", "email", "webhook"]), stateTables: stateTables
    ) { event, transaction in
        guard let event = event as? any BareOrderEvent else { return true }
        return try OrderQueries(transaction).contradicts(event.order)
    }
}
