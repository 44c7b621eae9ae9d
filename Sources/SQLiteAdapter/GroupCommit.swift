import GRDB
import SQLCore
import Synchronization

/// Puts concurrent transactions into one commit, so that they share its fsync.
///
/// What one throws rolls back that one alone: the group is then run again, each job in a savepoint. A caller hears of success
/// only after the shared commit. While one commit writes, the next group gathers; nothing waits on purpose.
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
            if let news = try together(group, database) { return finish(group, news, database) }
            let (succeeded, news) = try oneByOne(group, database)
            finish(succeeded, news, database)
        } catch {
            // A lone job failed, or nothing could be begun, or SQLite rolled everything back by itself (disk full, I/O error):
            // nobody's change exists.
            let fault = SQLError.translated(error)
            for job in group { job.fail(fault) }
        }
    }

    /// Runs all jobs in one go: a savepoint each would copy every page that it changes, for the rare one that fails.
    ///
    /// - Returns: what they announced; `nil` if one failed, and nothing was changed.
    private func together(_ group: [any TransactionJob], _ database: Database) throws -> [any Sendable]? {
        try database.control("BEGIN IMMEDIATE")
        do {
            return try group.flatMap { try run($0, database) }
        } catch {
            guard database.isInsideTransaction else { throw error }
            try database.control("ROLLBACK")
            guard group.count > 1 else { throw error }
            return nil
        }
    }

    /// Runs each job in a savepoint, and answers those that fail.
    private func oneByOne(
        _ group: [any TransactionJob], _ database: Database
    ) throws -> (succeeded: [any TransactionJob], news: [any Sendable]) {
        try database.control("BEGIN IMMEDIATE")
        var succeeded: [any TransactionJob] = []
        var failures: [(job: any TransactionJob, error: any Error)] = []
        var news: [any Sendable] = []
        for job in group {
            try database.control("SAVEPOINT job")
            do {
                let announced = try run(job, database)
                try database.control("RELEASE job")
                news += announced
                succeeded.append(job)
            } catch {
                guard database.isInsideTransaction else { throw error }
                try database.control("ROLLBACK TO job")
                try database.control("RELEASE job")
                failures.append((job, error))
            }
        }
        for (job, error) in failures { job.fail(SQLError.translated(error)) }
        return (succeeded, news)
    }

    private func finish(_ succeeded: [any TransactionJob], _ news: [any Sendable], _ database: Database) {
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
    private func run(_ job: any TransactionJob, _ database: Database) throws -> [any Sendable] {
        let transaction = SQLiteTransaction(database, isReadOnly: false, columns: columns)
        defer { transaction.end() }
        try job.run(transaction)
        return transaction.news
    }
}
