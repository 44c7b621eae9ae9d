import GRDB
import SQLCore
import Synchronization

/// Puts concurrent transactions into one commit, so that they share its fsync.
///
/// Each runs inside a savepoint: what one throws rolls back that one alone. A caller hears of success only after the shared
/// commit. While one commit writes, the next group gathers; nothing waits on purpose.
final class GroupCommit: Sendable {
    /// Bounds how long the first of a group waits for the others.
    static let largestGroup = 256

    private let connections: any DatabaseWriter
    private let columns: ColumnCache
    private let queue = Mutex(Queue())
    private let listeners = Mutex<[@Sendable (CommitNews) -> Void]>([])

    private struct Queue {
        var jobs: [any TransactionJob] = []
        var isDraining = false
    }

    init(_ connections: any DatabaseWriter, columns: ColumnCache) {
        self.connections = connections
        self.columns = columns
    }

    func listen(_ listener: @escaping @Sendable (CommitNews) -> Void) { listeners.withLock { $0.append(listener) } }

    func run<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(body: body, continuation: continuation)
            let startsDraining = queue.withLock { queue in
                queue.jobs.append(job)
                defer { queue.isDraining = true }
                return !queue.isDraining
            }
            if startsDraining { connections.asyncWriteWithoutTransaction { self.drain($0) } }
        }
    }

    private func drain(_ database: Database) {
        while let group = next() { commit(group, database) }
    }

    private func next() -> [any TransactionJob]? {
        queue.withLock { queue in
            guard !queue.jobs.isEmpty else {
                queue.isDraining = false
                return nil
            }
            let group = Array(queue.jobs.prefix(Self.largestGroup))
            queue.jobs.removeFirst(group.count)
            return group
        }
    }

    private func commit(_ group: [any TransactionJob], _ database: Database) {
        do {
            try database.control("BEGIN IMMEDIATE")
        } catch {
            for job in group { job.fail(SQLError.translated(error)) }
            return
        }
        var succeeded: [any TransactionJob] = []
        var news: [any Sendable] = []
        for (index, job) in group.enumerated() {
            do {
                news += try attempt(job, isAlone: group.count == 1, database)
                succeeded.append(job)
            } catch {
                guard database.isInsideTransaction else {
                    // SQLite rolled everything back by itself (disk full, I/O error): nobody's change exists.
                    let fault = SQLError.translated(error)
                    for other in succeeded { other.fail(fault) }
                    for other in group[index...] { other.fail(fault) }
                    return
                }
                job.fail(SQLError.translated(error))
            }
        }
        do {
            try database.control(succeeded.isEmpty ? "ROLLBACK" : "COMMIT")
            if !news.isEmpty { tell(.committed(news)) }
            for job in succeeded { job.succeed() }
        } catch {
            if database.isInsideTransaction { try? database.execute(sql: "ROLLBACK") }
            tell(.uncertain)
            let unknown = SQLError(.unavailable, "the commit failed: \(SQLError.translated(error))")
            for job in succeeded { job.fail(unknown) }
        }
    }

    private func tell(_ news: CommitNews) {
        for listener in listeners.withLock({ $0 }) { listener(news) }
    }

    /// - Returns: what the job announced.
    private func attempt(_ job: any TransactionJob, isAlone: Bool, _ database: Database) throws -> [any Sendable] {
        let transaction = SQLiteTransaction(database, isReadOnly: false, columns: columns)
        defer { transaction.end() }
        guard !isAlone else {
            try job.run(transaction)
            return transaction.news
        }
        try database.control("SAVEPOINT job")
        do {
            try job.run(transaction)
            try database.control("RELEASE job")
            return transaction.news
        } catch {
            if database.isInsideTransaction {
                try database.control("ROLLBACK TO job")
                try database.control("RELEASE job")
            }
            throw error
        }
    }
}
