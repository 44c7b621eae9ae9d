import Foundation
import SQLCore
import SagaTesting
import Synchronization

/// Runs two or more transactions on a real server one statement at a time: a seed says whose statement is next. One that waits
/// for another's lock is left waiting.
final class Interleaver: Sendable {
    private enum Position { case outside, atGate, running, blocked }

    private struct Actor {
        var position = Position.outside
        var backend: Int64 = 0
        /// Where in the trace its transaction began.
        var since: Int?
        let turn = DispatchSemaphore(value: 0)
    }

    private struct State {
        var actors: [Int: Actor] = [:]
        /// Whose statement was run, in this order.
        var trace: [Int] = []
        var seen: Set<[Bool]> = []
        var overlaps = 0
        var waits = 0
        var isOver = false
    }

    private let random: SeededRandom
    private let state = Mutex(State())
    private let observer: any SQLDatabase

    /// - Parameter observer: another connection to the same server, to see who waits for a lock.
    init(seed: UInt64, observer: any SQLDatabase) {
        random = SeededRandom(seed: seed)
        self.observer = observer
    }

    /// How often a transaction had statements of another one between its own, and in how many different ways.
    var interleavings: (all: Int, different: Int) { state.withLock { ($0.overlaps, $0.seen.count) } }
    /// How often one had to wait for another's lock.
    var waits: Int { state.withLock { $0.waits } }

    /// Called by a transaction's thread before each statement and before its commit; returns when it is its turn.
    func arrive(_ number: Int, backend: Int64) {
        let turn = state.withLock { state -> DispatchSemaphore? in
            guard !state.isOver else { return nil }
            state.actors[number, default: Actor()].position = .atGate
            state.actors[number]?.backend = backend
            return state.actors[number]?.turn
        }
        turn?.wait()
    }

    /// Called when a transaction has ended.
    func leave(_ number: Int) {
        state.withLock { state in
            guard let actor = state.actors[number] else { return }
            state.actors[number]?.position = .outside
            state.actors[number]?.since = nil
            guard let since = actor.since else { return }
            let order = state.trace[since...].map { $0 == number }
            guard order.contains(false) else { return }
            state.overlaps += 1
            state.seen.insert(order)
        }
    }

    /// Gives turns until ``end()``: whenever each transaction that runs has come to its next statement, or waits for a lock.
    ///
    /// - Throws: what asking for locks throws; nobody waits for a turn then.
    func conduct() async throws {
        defer { end() }
        while !state.withLock({ $0.isOver }) {
            let running = state.withLock { state in
                state.actors.filter { $0.value.position == .running }.map { ($0.key, $0.value.backend) }
            }
            if !running.isEmpty { try await note(blockedAmong: running) }
            let next = state.withLock { state -> DispatchSemaphore? in
                guard !state.actors.values.contains(where: { $0.position == .running }) else { return nil }
                let ready = state.actors.filter { $0.value.position == .atGate }.keys.sorted()
                guard !ready.isEmpty else { return nil }
                // Now and then wait for the other one to come, so that there is something to choose from.
                let chosen = ready[random.below(ready.count)]
                state.actors[chosen]?.position = .running
                if state.actors[chosen]?.since == nil { state.actors[chosen]?.since = state.trace.count }
                state.trace.append(chosen)
                return state.actors[chosen]?.turn
            }
            if let next { next.signal() } else { await Task.yield() }
        }
    }

    private func note(blockedAmong running: [(number: Int, backend: Int64)]) async throws {
        let waiting = try await observer.read { transaction in
            try transaction.rows(
                """
                SELECT pid::bigint AS pid FROM pg_stat_activity
                WHERE wait_event_type = 'Lock' AND pid IN (\(list: running.map(\.backend)))
                """
            ).map { try $0.int64("pid") }
        }
        guard !waiting.isEmpty else { return }
        state.withLock { state in
            for (number, backend) in running
            where waiting.contains(backend) && state.actors[number]?.position == .running {
                state.actors[number]?.position = .blocked
                state.waits += 1
            }
        }
    }

    /// Everybody goes on by himself from now on.
    func end() {
        let turns = state.withLock { state in
            state.isOver = true
            return state.actors.values.filter { $0.position == .atGate }.map(\.turn)
        }
        for turn in turns { turn.signal() }
    }
}

/// A database whose transactions wait for their turn before each statement.
struct SteppedDatabase: SQLDatabase {
    let base: any SQLDatabase
    let interleaver: Interleaver
    /// Whose transactions these are; they do not overlap each other.
    let number: Int

    var dialect: SQLDialect { base.dialect }

    func write<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        defer { interleaver.leave(number) }
        return try await base.write { transaction in
            let backend = try transaction.first("SELECT pg_backend_pid()::bigint AS pid")?.int64("pid") ?? 0
            let result = try body(SteppedTransaction(transaction, interleaver, number, backend))
            interleaver.arrive(number, backend: backend)
            return result
        }
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await base.read(body)
    }

    func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) { base.listen(listener) }
}

private struct SteppedTransaction: SQLTransaction {
    private let base: any SQLTransaction
    private let interleaver: Interleaver
    private let number: Int
    private let backend: Int64

    init(_ base: any SQLTransaction, _ interleaver: Interleaver, _ number: Int, _ backend: Int64) {
        self.base = base
        self.interleaver = interleaver
        self.number = number
        self.backend = backend
    }

    var dialect: SQLDialect { base.dialect }

    func execute(_ statement: SQLStatement) throws -> Int {
        interleaver.arrive(number, backend: backend)
        return try base.execute(statement)
    }

    func rows(_ statement: SQLStatement) throws -> [SQLRow] {
        interleaver.arrive(number, backend: backend)
        return try base.rows(statement)
    }

    func script(_ sql: String) throws { try base.script(sql) }
    func announce(_ news: any Sendable) { base.announce(news) }
}
