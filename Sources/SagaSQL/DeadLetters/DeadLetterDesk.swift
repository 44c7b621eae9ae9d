import FoundationEssentials
import SQLCore
import SagaChoreography

/// ``DeadLetters`` of one database.
struct DeadLetterDesk: Sendable {
    typealias Selection = DeadLetters.Selection

    private let database: any SQLDatabase
    private let databases: ServiceDatabases
    private let commands: SQLCommands
    private let rules: DeadLetterRules
    private let clock: any SagaClock
    private let ids: any IDGenerator
    private var store: SQLSagaStore { SQLSagaStore(database) }

    /// - Parameters:
    ///   - databases: where what an edit says is compared with what is known.
    ///   - commands: run what changes something.
    init(
        on database: any SQLDatabase, among databases: ServiceDatabases, commands: SQLCommands,
        rules: DeadLetterRules, clock: any SagaClock, ids: any IDGenerator
    ) {
        self.database = database
        self.databases = databases
        self.commands = commands
        self.rules = rules
        self.clock = clock
        self.ids = ids
    }

    // MARK: Looking

    /// One message, whether it can be read, and what was done to it before; `nil` if there is none of that id.
    ///
    /// - Throws: ``SQLError``.
    func message(
        _ id: UUID
    ) async throws -> (message: ParkedMessage, isReadable: Bool, history: [Intervention])? {
        try await database.read { transaction in
            guard let message = try ParkedMessages.message(id, in: transaction) else { return nil }
            let isReadable =
                (try? LoneDelivery(
                    of: message.opened(), to: rules.participant(message.consumer), store: store, ids: ids)) != nil
            return (message, isReadable, try Interventions.history(of: id, in: transaction))
        }
    }

    /// The edit that makes of a message what it must have said; `nil` if nobody knows, or it can be read as it is.
    ///
    /// - Throws: ``DeadLetterRefusal`` `.notFound` if there is no such message; ``SQLError``.
    func knownEdit(of id: UUID) async throws -> DeadLetterEdit? {
        guard let message = try await messages(.one(id)).first else { throw DeadLetterRefusal.notFound }
        guard message.kind == .undecodable, let subject = message.subject,
            let event = try await rules.known(message.type, subject, databases),
            // What a newer program emitted is read by the next one.
            let sent = try? message.opened(), sent.version <= type(of: event).version
        else { return nil }
        let edit = DeadLetterEdit(data: try event.encoded(), version: type(of: event).version)
        do {
            _ = try await confirmed(edit, of: message)
            return edit
        } catch is DeadLetterRefusal {
            return nil
        }
    }

    // MARK: Trying

    /// What a replay or a discard would do, found by handling each message and taking everything back.
    ///
    /// - Throws: ``DeadLetterRefusal`` `.notFound` if there is no such message; ``SQLError``.
    func plan(_ kind: Intervention.Kind, _ selection: Selection) async throws -> [PlannedItem] {
        var items: [PlannedItem] = []
        for message in try await messages(selection) {
            do {
                let effect = try await effect(of: message)
                let refusal = kind == .discard ? effect.refusalOfDiscard : effect.refusalOfReplay
                items.append(PlannedItem(message: message, effect: effect, refusal: refusal))
            } catch let refusal as DeadLetterRefusal {
                items.append(PlannedItem(message: message, effect: nil, refusal: refusal))
            }
        }
        return items
    }

    /// What an edit would do, and what a replay would do then.
    ///
    /// - Throws: ``DeadLetterRefusal`` if it would be refused; ``SQLError``.
    func plan(_ edit: DeadLetterEdit, of id: UUID) async throws -> PlannedItem {
        guard let message = try await messages(.one(id)).first else { throw DeadLetterRefusal.notFound }
        let edited = try await confirmed(edit, of: message)
        return PlannedItem(message: message, effect: try await effect(of: edited), refusal: nil)
    }

    /// The message as it would be, unless that contradicts what the services know.
    private func confirmed(_ edit: DeadLetterEdit, of message: ParkedMessage) async throws -> ParkedMessage {
        let (edited, event) = try edit.edited(message, by: rules, store, ids)
        // As the rows have it now. What may change a moment later (a refund that opens an order, an item's price) does so for an event that
        // came in time as well.
        if let event, try await rules.contradicts(event, databases) { throw DeadLetterRefusal.contradiction }
        return edited
    }

    private func effect(of message: ParkedMessage) async throws -> ExpectedEffect {
        try await rolledBack { try ExpectedEffect.of(message, by: rules, store, in: $0) }
    }

    /// Carries a result out of a transaction that is rolled back.
    private struct RolledBack<Result: Sendable>: Error { let result: Result }

    private func rolledBack<Result: Sendable>(
        _ body: @escaping @Sendable (SQLStep) throws -> Result
    ) async throws -> Result {
        do {
            try await database.write { transaction in
                throw RolledBack(
                    result: try body(SQLStep(transaction: transaction, now: clock.now(), ids: ids)))
            }
            throw SagaFault.permanent(.contract, "what had to be rolled back was committed")
        } catch let back as RolledBack<Result> {
            return back.result
        }
    }

    /// - Throws: ``DeadLetterRefusal`` `.notFound` if there is none.
    private func messages(_ selection: Selection) async throws -> [ParkedMessage] {
        let found = try await database.read { transaction in
            switch selection {
            case .one(let id): try ParkedMessages.message(id, in: transaction).map { [$0] } ?? []
            case .matching(let filter): try ParkedMessages.oldest(filter, limit: DeadLetters.limit, in: transaction)
            }
        }
        guard !found.isEmpty else { throw DeadLetterRefusal.notFound }
        return found
    }

    // MARK: Doing

    /// Gives messages back to their groups, to be handled as soon as their consumers look.
    ///
    /// - Throws: ``DeadLetterRefusal``; ``SQLError``; ``SagaFault`` `.unavailable`.
    func replay(_ selection: Selection, _ request: InterventionRequest, as operation: UUID) async throws {
        try await commands.run(
            ReplayParked(
                operation: operation, messages: try await messages(selection).map(\.id), request: request,
                store: store, isForgiving: selection.isSeveral))
    }

    /// Forgets messages that change nothing; of several, those that do are left alone, and passed over until ``DeadLetters/examined`` were looked at.
    ///
    /// - Throws: ``DeadLetterRefusal``; ``SQLError``; ``SagaFault`` `.unavailable`.
    func discard(_ selection: Selection, _ request: InterventionRequest, as operation: UUID) async throws {
        var (kept, discarded, looked) = ([PlannedItem](), 0, 0)
        var page = try await messages(selection)
        while !page.isEmpty, discarded < DeadLetters.limit, looked < DeadLetters.examined {
            for message in page where discarded < DeadLetters.limit {
                looked += 1
                do {
                    try await commands.run(
                        DiscardParked(
                            operation: operation, message: message.id, request: request, store: store, rules: rules))
                    discarded += 1
                } catch let refusal as DeadLetterRefusal {
                    guard selection.isSeveral else { throw refusal }
                    kept.append(PlannedItem(message: message, effect: nil, refusal: refusal))
                }
            }
            guard case .matching(let filter) = selection, page.count == DeadLetters.limit, let last = page.last else {
                break
            }
            page = try await database.read {
                try ParkedMessages.oldest(filter, after: last, limit: DeadLetters.limit, in: $0)
            }
        }
        if !kept.isEmpty {
            let noted = Array(kept.prefix(DeadLetters.limit))
            try await commands.run(NoteKept(operation: operation, kind: .discard, kept: noted, request: request))
        }
    }

    /// Gives a message that cannot be read other data; it stays parked.
    ///
    /// - Throws: ``DeadLetterRefusal``; ``SQLError``; ``SagaFault`` `.unavailable`.
    func edit(
        _ id: UUID, _ edit: DeadLetterEdit, _ request: InterventionRequest, as operation: UUID
    ) async throws {
        guard let message = try await messages(.one(id)).first else { throw DeadLetterRefusal.notFound }
        _ = try await confirmed(edit, of: message)
        try await commands.run(
            EditParked(
                operation: operation, message: id, edit: edit, request: request, store: store, rules: rules))
    }
}

extension DeadLetters.Selection {
    fileprivate var isSeveral: Bool {
        if case .matching = self { return true }
        return false
    }
}
