import Foundation
import Logging
import Orders
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

extension DeadLetterUpkeep {
    // MARK: Looking

    /// Messages that fit, the youngest event first, and by cause.
    ///
    /// - Throws: ``SQLError``.
    public static func list(
        _ configuration: PurchaseConfiguration, _ filter: Filter, limit: Int
    ) async throws -> (letters: [Letter], groups: [Group]) {
        let letters = letters(try await OpenDatabases.openToRead(configuration).services)
        return (
            try await letters.list(filter.parked, limit: limit).map(Letter.init),
            try await letters.groups(filter.parked, limit: limit).map(Group.init)
        )
    }

    /// One message; `nil` if there is none of that id.
    ///
    /// - Throws: ``SQLError``.
    public static func show(_ configuration: PurchaseConfiguration, _ id: UUID) async throws -> Detail? {
        let letters = letters(try await OpenDatabases.openToRead(configuration).services)
        guard let found = try await letters.message(id) else { return nil }
        return Detail(
            letter: Letter(found.message), envelope: found.message.envelope, isReadable: found.isReadable,
            known: try await letters.knownEditIfPossible(of: id).map { String(decoding: $0.data, as: UTF8.self) },
            history: found.history.map(Operation.init))
    }

    /// The fields that a message must have had, and the version of their schema; `nil` if nobody knows, or it can be read.
    ///
    /// - Throws: ``SQLError``.
    public static func known(
        _ configuration: PurchaseConfiguration, _ id: UUID
    ) async throws -> (data: Data, version: Int?)? {
        let databases = try await OpenDatabases.openToRead(configuration)
        let known = try await letters(databases.services).knownEdit(of: id)
        try databases.close()
        return known.map { ($0.data, $0.version) }
    }

    /// What became of an operation; `nil` if there is none of that id.
    ///
    /// - Throws: ``SQLError``.
    public static func operation(_ configuration: PurchaseConfiguration, _ id: UUID) async throws -> Operation? {
        let databases = try await OpenDatabases.openToRead(configuration).services
        guard let found = try await letters(databases).operation(id) else { return nil }
        return Operation(
            try await databases[OrdersParticipant.service].read { try OrderQueries($0).observed(found) })
    }

    // MARK: Doing

    /// What a replay or a discard would do, by trying and taking back.
    ///
    /// - Throws: ``Refused``; ``SQLError`` `.locked` while a server runs on the file.
    public static func plan(
        _ deed: Deed, _ configuration: PurchaseConfiguration, _ selection: Selection
    ) async throws -> [Planned] {
        try await writing(configuration) { databases in
            try await letters(databases).plan(deed == .replay ? .replay : .discard, selection.parked)
                .map(Planned.init)
        }
    }

    /// Replays or discards.
    ///
    /// - Throws: ``Refused``; ``SQLError`` `.locked` while a server runs on the file.
    public static func perform(
        _ deed: Deed, _ configuration: PurchaseConfiguration, _ selection: Selection, reason: String
    ) async throws -> Operation {
        try await writing(configuration) { databases in
            let (letters, request) = (letters(databases), InterventionRequest(by: nil, reason: reason))
            return switch deed {
            case .replay: Operation(try await letters.replay(selection.parked, request))
            case .discard: Operation(try await letters.discard(selection.parked, request))
            }
        }
    }

    /// What an edit would do, and what a replay would do then.
    ///
    /// - Throws: ``Refused``; ``SQLError`` `.locked` while a server runs on the file.
    public static func planEdit(
        _ configuration: PurchaseConfiguration, _ id: UUID, data: Data, version: Int?
    ) async throws -> Planned {
        try await writing(configuration) { databases in
            Planned(
                try await letters(databases).plan(DeadLetterEdit(data: data, version: version), of: id))
        }
    }

    /// Gives a message that cannot be read other data.
    ///
    /// - Throws: ``Refused``; ``SQLError`` `.locked` while a server runs on the file.
    public static func edit(
        _ configuration: PurchaseConfiguration, _ id: UUID, data: Data, version: Int?, reason: String
    ) async throws -> Operation {
        try await writing(configuration) { databases in
            Operation(
                try await letters(databases).edit(
                    id, DeadLetterEdit(data: data, version: version), InterventionRequest(by: nil, reason: reason)))
        }
    }

    /// The types of what would be sent again of an order, each with who sends it; `nil`: there is no such order.
    ///
    /// - Throws: ``SQLError``.
    public static func planResync(
        _ configuration: PurchaseConfiguration, _ order: OrderID
    ) async throws -> [(type: String, source: String)]? {
        let databases = try await OpenDatabases.openToRead(configuration).services
        let found = try await databases[OrdersParticipant.service].read { try OrderQueries($0).order(order) }
        guard let found else { return nil }
        guard found.settledAt == nil else { return [] }
        let held = try await databases.everywhere { try OutboxReader.held(of: order.uuid, in: $0) }
        return held.flatMap(\.self).filter { $0.type != OrderResync.type }.map { ($0.type.name, $0.source.name) }
    }

    /// Sends again what there is of an order; `nil`: there is no such order.
    ///
    /// - Throws: ``SQLError`` `.locked` while a server runs on the file.
    public static func resync(
        _ configuration: PurchaseConfiguration, _ order: OrderID, reason: String
    ) async throws -> Operation? {
        try await writing(configuration) { databases in
            let database = databases[OrdersParticipant.service]
            let request = InterventionRequest(by: nil, reason: reason)
            let id = try await commands(OrdersParticipant.service, database).run(ResyncOrder(order, request))
            guard let id else { return nil }
            return try await database.read { try Interventions.operation(id, in: $0) }.map(Operation.init)
        }
    }

    // MARK: Parts

    private static let clock = SystemClock()
    private static let ids = UUIDv7Generator(clock: clock, random: SystemRandom())

    private struct NoObserver: SagaObserver {
        func committed(_ envelopes: [Envelope]) {}
        func delivered(_ report: DeliveryReport) {}
        func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp) {}
    }

    private static func commands(_ service: ServiceID, _ database: any SQLDatabase) -> SQLCommands {
        SQLCommands(
            service: service, store: SQLSagaStore(database), clock: clock, ids: ids, observer: NoObserver(),
            probe: NoProbe())
    }

    private static func letters(_ databases: ServiceDatabases) -> DeadLetters {
        DeadLetters(
            on: databases, commands: { commands("cli", $0) },
            rules: PurchaseSystem.deadLetterRules(PurchaseSystem.participants()),
            clock: clock, ids: ids)
    }

    private static func writing<Result: Sendable>(
        _ configuration: PurchaseConfiguration, _ body: (ServiceDatabases) async throws -> Result
    ) async throws -> Result {
        // Whoever repairs a message does not mean to make or migrate a database.
        try (try await OpenDatabases.openToRead(configuration)).close()
        let quiet = Logger(label: "purchase") { _ in SwiftLogNoOpLogHandler() }
        let opened = try await OpenDatabases.openToWrite(configuration, logger: quiet)
        do {
            let result = try await body(opened.services)
            try opened.close()
            return result
        } catch let refusal as DeadLetterRefusal {
            try opened.close()
            throw Refused(why: refusal.summary)
        } catch {
            try opened.close()
            throw error
        }
    }
}
