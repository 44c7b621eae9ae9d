import FoundationEssentials
import SQLCore
import SagaChoreography

/// What people may do to parked messages: look, try, replay, discard, edit. Everything goes through the databases, so the message's
/// consumer may be in any process.
///
/// A message lies in its consumer's database. What is done to several that lie in several databases is one operation with a part in
/// each of them.
public struct DeadLetters: Sendable {
    /// How many messages one operation takes at most, of each database.
    public static let limit = 200
    /// How many messages one discard looks at to find those that it may forget.
    static let examined = 2000

    private let databases: ServiceDatabases
    private let desks: [DeadLetterDesk]
    private let ids: any IDGenerator

    /// - Parameters:
    ///   - databases: with the engine's tables and those of every participant.
    ///   - commands: run what changes something in one of them.
    public init(
        on databases: ServiceDatabases, commands: (any SQLDatabase) -> SQLCommands, rules: DeadLetterRules,
        clock: any SagaClock, ids: any IDGenerator
    ) {
        self.databases = databases
        self.ids = ids
        desks = databases.places.map { place in
            DeadLetterDesk(
                on: place.database, among: databases, commands: commands(place.database), rules: rules, clock: clock,
                ids: ids)
        }
    }

    /// Which messages an operation is about.
    public enum Selection: Sendable, Hashable {
        /// The one of this id.
        case one(UUID)
        /// Those that fit, ``DeadLetters/limit`` of them at most; those that have waited longest.
        case matching(ParkedFilter)
    }

    // MARK: Looking

    /// Messages that fit, the youngest event first.
    ///
    /// - Parameter last: the id with which the page before ended.
    /// - Throws: ``SQLError``.
    public func list(_ filter: ParkedFilter, before last: UUID? = nil, limit: Int) async throws -> [ParkedMessage] {
        let found = try await databases.everywhere {
            try ParkedMessages.list(filter, before: last, limit: limit, in: $0)
        }
        guard found.count > 1 else { return found[0] }
        return Array(found.flatMap(\.self).sorted { $0.id > $1.id }.prefix(limit))
    }

    /// By what they have in common, the largest group first. A consumer's messages lie in one database, so no group is in two.
    ///
    /// - Throws: ``SQLError``.
    public func groups(_ filter: ParkedFilter, limit: Int) async throws -> [ParkedGroup] {
        let found = try await databases.everywhere { try ParkedMessages.groups(filter, limit: limit, in: $0) }
        guard found.count > 1 else { return found[0] }
        return Array(found.flatMap(\.self).sorted { ($1.count, $0.consumer) < ($0.count, $1.consumer) }.prefix(limit))
    }

    /// How many there are, counted up to ten thousand in each database.
    ///
    /// - Throws: ``SQLError``.
    public func count(_ filter: ParkedFilter) async throws -> Int64 {
        try await databases.everywhere { try ParkedMessages.count(filter, in: $0) }.reduce(0, +)
    }

    /// One message, whether it can be read, and what was done to it before; `nil` if there is none of that id.
    ///
    /// - Throws: ``SQLError``.
    public func message(
        _ id: UUID
    ) async throws -> (message: ParkedMessage, isReadable: Bool, history: [Intervention])? {
        for desk in desks { if let found = try await desk.message(id) { return found } }
        return nil
    }

    /// The edit that makes of a message what it must have said; `nil` if nobody knows, it can be read as it is, or there is none of that id.
    ///
    /// - Throws: ``SQLError``.
    public func knownEdit(of id: UUID) async throws -> DeadLetterEdit? {
        for desk in desks {
            do { return try await desk.knownEdit(of: id) } catch DeadLetterRefusal.notFound {}
        }
        return nil
    }

    /// As ``knownEdit(of:)``, for whoever only looks: `nil` as well while a database is away that would know.
    ///
    /// - Throws: ``SQLError``.
    public func knownEditIfPossible(of id: UUID) async throws -> DeadLetterEdit? {
        do { return try await knownEdit(of: id) } catch let error as SQLError where error.code == .unavailable {
            return nil
        }
    }

    /// An operation, with its parts in all databases; `nil` if there is none of that id.
    ///
    /// - Throws: ``SQLError``.
    public func operation(_ id: UUID) async throws -> Intervention? {
        let parts = try await databases.everywhere { try Interventions.operation(id, in: $0) }.compactMap(\.self)
        guard let first = parts.first else { return nil }
        return parts.count == 1 ? first : first.joined(by: parts.dropFirst())
    }

    // MARK: Trying

    /// What a replay or a discard would do, found by handling each message and taking everything back.
    ///
    /// - Throws: ``DeadLetterRefusal`` `.notFound` if there is no such message; ``SQLError``.
    public func plan(_ kind: Intervention.Kind, _ selection: Selection) async throws -> [PlannedItem] {
        try await whereFound { try await $0.plan(kind, selection) }.flatMap(\.self)
    }

    /// What an edit would do, and what a replay would do then.
    ///
    /// - Throws: ``DeadLetterRefusal`` if it would be refused; ``SQLError``.
    public func plan(_ edit: DeadLetterEdit, of id: UUID) async throws -> PlannedItem {
        try await whereFound { try await $0.plan(edit, of: id) }[0]
    }

    // MARK: Doing

    /// Gives messages back to their groups, to be handled as soon as their consumers look.
    ///
    /// - Returns: the operation; its outcome shows later.
    /// - Throws: ``DeadLetterRefusal``; ``SQLError``; ``SagaFault`` `.unavailable`.
    public func replay(_ selection: Selection, _ request: InterventionRequest) async throws -> Intervention {
        try await perform { try await $0.replay(selection, request, as: $1) }
    }

    /// Forgets messages that change nothing; of several, those that do are left alone, and passed over until ``examined`` were looked at.
    ///
    /// - Returns: the operation with its outcome.
    /// - Throws: ``DeadLetterRefusal``; ``SQLError``; ``SagaFault`` `.unavailable`.
    public func discard(_ selection: Selection, _ request: InterventionRequest) async throws -> Intervention {
        try await perform { try await $0.discard(selection, request, as: $1) }
    }

    /// Gives a message that cannot be read other data; it stays parked.
    ///
    /// - Returns: the operation with its outcome.
    /// - Throws: ``DeadLetterRefusal``; ``SQLError``; ``SagaFault`` `.unavailable`.
    public func edit(
        _ id: UUID, _ edit: DeadLetterEdit, _ request: InterventionRequest
    ) async throws -> Intervention {
        try await perform { try await $0.edit(id, edit, request, as: $1) }
    }

    private func perform(_ deed: (DeadLetterDesk, UUID) async throws -> Void) async throws -> Intervention {
        let id = ids.next()
        _ = try await whereFound { try await deed($0, id) }
        guard let found = try await operation(id) else { throw DeadLetterRefusal.notFound }
        return found
    }

    /// Does it at every desk that has such messages.
    ///
    /// - Throws: ``DeadLetterRefusal`` `.notFound` if none has.
    private func whereFound<Result>(_ body: (DeadLetterDesk) async throws -> Result) async throws -> [Result] {
        var results: [Result] = []
        for desk in desks {
            do { results.append(try await body(desk)) } catch DeadLetterRefusal.notFound {}
        }
        guard !results.isEmpty else { throw DeadLetterRefusal.notFound }
        return results
    }
}
