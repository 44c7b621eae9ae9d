import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// What carries events in this process, as configured.
struct EventBus {
    let transport: any EventTransport<any SQLTransaction>
    /// `nil`: the outbox itself is the transport.
    let relay: PurchaseSystem.Relay?

    /// - Parameter channels: the notification channels in use.
    /// - Throws: ``SQLError``.
    init(_ choice: BusChoice, on database: any SQLDatabase, channels: [String], ids: any IDGenerator) throws {
        let participants = PurchaseSystem.participants(channels: channels)
        switch (choice, database.dialect) {
        case (.embedded, .sqlite):
            transport = try EmbeddedTransport(database)
            relay = nil
        case (.embedded, .postgres):
            let broker = InProcessBroker(participants, generation: ids.next().uuidString)
            transport = broker
            relay = PurchaseSystem.Relay(to: broker, arrivals: broker, othersAge: .seconds(2))
        }
    }
}
