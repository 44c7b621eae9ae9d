import FoundationEssentials
import SQLCore
import SagaChoreography

/// What people may do to parked messages: look, try, replay, discard, edit. Everything goes through the database, so the message's
/// consumer may be in any process.
public struct DeadLetters: Sendable {
    /// How many messages one operation takes at most.
    public static let limit = 200
    /// How many messages one discard looks at to find those that it may forget.
    static let examined = 2000

    private let database: any SQLDatabase
    private let commands: SQLCommands
    private let rules: DeadLetterRules
    private let clock: any SagaClock
    private let ids: any IDGenerator
    private var store: SQLSagaStore { SQLSagaStore(database) }

    /// - Parameters:
    ///   - database: with the engine's tables and those of every participant.
    ///   - commands: run what changes something.
    public init(
        on database: any SQLDatabase, commands: SQLCommands, rules: DeadLetterRules, clock: any SagaClock,
        ids: any IDGenerator
    ) {
        self.database = database
        self.commands = commands
        self.rules = rules
        self.clock = clock
        self.ids = ids
    }

    /// Which messages an operation is about.
    public enum Selection: Sendable, Hashable {
        /// The one of this id.
        case one(UUID)
        /// Those that fit, ``DeadLetters/limit`` of them at most; those that have waited longest.
        case matching(ParkedFilter)
    }

    // MARK: Looking

    /// One message, whether it can be read, and what was done to it before; `nil` if there is none of that id.
    ///
    /// - Throws: ``SQLError``.
    public func message(
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

    // MARK: Trying

    /// What a replay or a discard would do, found by handling each message and taking everything back.
    ///
    /// - Throws: ``DeadLetterRefusal`` `.notFound` if there is no such message; ``SQLError``.
    public func plan(_ kind: Intervention.Kind, _ selection: Selection) async throws -> [PlannedItem] {
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
    public func plan(_ edit: DeadLetterEdit, of id: UUID) async throws -> PlannedItem {
        guard let message = try await messages(.one(id)).first else { throw DeadLetterRefusal.notFound }
        let edited = try await rolledBack { try edit.edited(message, by: rules, store, in: $0) }
        return PlannedItem(message: message, effect: try await effect(of: edited), refusal: nil)
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
            case .matching(let filter): try ParkedMessages.oldest(filter, limit: Self.limit, in: transaction)
            }
        }
        guard !found.isEmpty else { throw DeadLetterRefusal.notFound }
        return found
    }

    // MARK: Doing

    /// Gives messages back to their groups, to be handled as soon as their consumers look.
    ///
    /// - Returns: the operation; its outcome shows later.
    /// - Throws: ``DeadLetterRefusal``; ``SQLError``; ``SagaFault`` `.unavailable`.
    public func replay(_ selection: Selection, _ request: InterventionRequest) async throws -> Intervention {
        let operation = ids.next()
        try await commands.run(
            ReplayParked(
                operation: operation, messages: try await messages(selection).map(\.id), request: request,
                store: store, isForgiving: selection.isSeveral))
        return try await self.operation(operation)
    }

    /// Forgets messages that change nothing; of several, those that do are left alone, and passed over until ``examined`` were looked at.
    ///
    /// - Returns: the operation with its outcome.
    /// - Throws: ``DeadLetterRefusal``; ``SQLError``; ``SagaFault`` `.unavailable`.
    public func discard(_ selection: Selection, _ request: InterventionRequest) async throws -> Intervention {
        let operation = ids.next()
        var (kept, discarded, looked) = ([PlannedItem](), 0, 0)
        var page = try await messages(selection)
        while !page.isEmpty, discarded < Self.limit, looked < Self.examined {
            for message in page where discarded < Self.limit {
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
            guard case .matching(let filter) = selection, page.count == Self.limit, let last = page.last else { break }
            page = try await database.read {
                try ParkedMessages.oldest(filter, after: last, limit: Self.limit, in: $0)
            }
        }
        if !kept.isEmpty {
            let noted = Array(kept.prefix(Self.limit))
            try await commands.run(NoteKept(operation: operation, kind: .discard, kept: noted, request: request))
        }
        return try await self.operation(operation)
    }

    /// Gives a message that cannot be read other data; it stays parked.
    ///
    /// - Returns: the operation with its outcome.
    /// - Throws: ``DeadLetterRefusal``; ``SQLError``; ``SagaFault`` `.unavailable`.
    public func edit(
        _ id: UUID, _ edit: DeadLetterEdit, _ request: InterventionRequest
    ) async throws -> Intervention {
        let operation = ids.next()
        try await commands.run(
            EditParked(
                operation: operation, message: id, edit: edit, request: request, store: store, rules: rules))
        return try await self.operation(operation)
    }

    private func operation(_ id: UUID) async throws -> Intervention {
        guard let found = try await database.read({ try Interventions.operation(id, in: $0) }) else {
            throw DeadLetterRefusal.notFound
        }
        return found
    }
}

extension DeadLetters.Selection {
    fileprivate var isSeveral: Bool {
        if case .matching = self { return true }
        return false
    }
}
