import SQLCore
import SagaChoreography

/// The store as one life of a process reaches it: every call may be the last, fail, or succeed without an answer.
public struct SimulatedDatabase: SQLDatabase {
    private let store: SimulatedStore
    private let life: ProcessLife
    private var faults: Faults { life.process.simulation.faults }

    /// SQLite's.
    public var dialect: SQLDialect { store.database.dialect }

    /// The life's.
    public var origin: Int64? { life.origin }

    /// The store, as `life` sees it.
    public init(_ store: SimulatedStore, for life: ProcessLife) {
        self.store = store
        self.life = life
    }

    /// See ``SQLDatabase``; throws ``SQLError`` `.unavailable` for injected trouble too.
    @discardableResult
    public func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await life.pause("before a commit")
        try reach()
        let isLost = faults.strikes(.commitLost)
        if isLost {
            tell("a commit fails")
            life.hear(.uncertain)
        }
        let isUnknown = faults.strikes(.commitUnknown)
        let result = try store.commit(of: life, injury: injury(), isLost: isLost, isUnknown: isUnknown, body)
        if isUnknown {
            tell("a commit succeeds, its answer is lost")
            throw SQLError(.unavailable, "injected: the answer to COMMIT was lost")
        }
        try await life.pause("after a commit")
        return result
    }

    /// See ``SQLDatabase``; throws ``SQLError`` `.unavailable` for injected trouble too.
    public func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await life.pause("before reading")
        try reach()
        let filter = store.filter
        return try store.database.readNow { base in
            try body(
                filter == nil ? base : SimulatedTransaction(base, origin: life.origin, injury: nil, filter: filter))
        }
    }

    /// See ``SQLDatabase``: hears what this life commits.
    public func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) { life.listen(listener) }

    private func reach() throws {
        guard life.process.isStoreAway else { return }
        throw SQLError(.unavailable, "injected: the store is away")
    }

    private func injury() -> SimulatedStore.Injury? {
        if faults.strikes(.statement) {
            let codes: [SQLError.Code] = [.unavailable, .busy]
            let code = codes[faults.below(codes.count, for: .statement)]
            return injury(SQLError(code, "injected: a statement failed"), .statement)
        }
        guard faults.strikes(.step) else { return nil }
        return injury(SQLError(.misuse, "injected: a step failed"), .step)
    }

    private func injury(_ error: SQLError, _ kind: FaultKind) -> SimulatedStore.Injury {
        let statement = 1 + faults.below(8, for: kind)
        tell("statement \(statement) of a transaction fails: \(error)")
        return SimulatedStore.Injury(
            statement: statement, isLate: faults.below(2, for: kind) == 0, error: error)
    }

    private func tell(_ what: @autoclosure () -> String) {
        let simulation = life.process.simulation
        simulation.story.tell(simulation.clock.now(), "\(life.process.name): \(what())")
    }
}
