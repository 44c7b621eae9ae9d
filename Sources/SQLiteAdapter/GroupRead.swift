import GRDB
import SQLCore
import Synchronization

/// Lets concurrent reads share a hop to a reading connection and a snapshot: under load most of what a short read costs is the
/// way to another thread and back.
///
/// A snapshot begins after its reads were asked for, so each sees every commit before it was. What one throws is its own.
final class GroupRead: Sendable {
    /// Bounds how long a quick read waits for slow ones before it.
    private static let largestGroup = 16
    /// Connections that read at the same time; one of the pool is left to whoever reads outside groups, such as a backup.
    private static let lanes = 3

    private let connections: any DatabaseReader
    private let columns: ColumnCache
    private let queue = Mutex(Queue())

    private struct Queue {
        var jobs: [any TransactionJob] = []
        var busyLanes = 0
    }

    init(_ connections: any DatabaseReader, columns: ColumnCache) {
        self.connections = connections
        self.columns = columns
    }

    func run<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let job = Job(body: body, continuation: continuation)
            let opensLane = queue.withLock { queue in
                queue.jobs.append(job)
                guard queue.busyLanes < Self.lanes else { return false }
                queue.busyLanes += 1
                return true
            }
            if opensLane { connections.asyncUnsafeRead { self.drain($0) } }
        }
    }

    private func drain(_ connection: Swift.Result<Database, any Error>) {
        while let group = next() {
            do {
                try read(group, try connection.get())
            } catch {
                for job in group { job.fail(SQLError.translated(error)) }
            }
        }
    }

    private func next() -> [any TransactionJob]? {
        queue.withLock { queue in
            guard !queue.jobs.isEmpty else {
                queue.busyLanes -= 1
                return nil
            }
            let group = Array(queue.jobs.prefix(Self.largestGroup))
            queue.jobs.removeFirst(group.count)
            return group
        }
    }

    /// - Throws: if the snapshot cannot be had; no job was answered then.
    private func read(_ group: [any TransactionJob], _ database: Database) throws {
        try database.control("BEGIN DEFERRED")
        for job in group {
            let transaction = SQLiteTransaction(database, isReadOnly: true, columns: columns)
            defer { transaction.end() }
            do {
                try job.run(transaction)
                job.succeed()
            } catch {
                job.fail(SQLError.translated(error))
            }
        }
        // Nothing was written: how it ends changes nothing, only that it does.
        if database.isInsideTransaction { try? database.control("ROLLBACK") }
    }
}
