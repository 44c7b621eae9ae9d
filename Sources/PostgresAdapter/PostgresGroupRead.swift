import SQLCore
import Synchronization

/// Lets concurrent reads share a connection and a snapshot: BEGIN and COMMIT once for all of them.
///
/// A snapshot begins after its reads were asked for, so each sees every commit before it was. What one throws is its own.
final class PostgresGroupRead: Sendable {
    /// Bounds how long a quick read waits for slow ones before it.
    private static let largestGroup = 32

    private let pool: PostgresPool
    private let lanes: Int
    private let queue = Mutex(Queue())

    private struct Queue {
        var jobs: [any ReadJob] = []
        var busyLanes = 0
    }

    /// - Parameter lanes: groups that are read at the same time.
    init(_ pool: PostgresPool, lanes: Int) {
        self.pool = pool
        self.lanes = lanes
    }

    func run<Result: Sendable>(
        _ body: @escaping @Sendable (any SQLTransaction) throws -> Result
    ) async throws -> Result {
        try await withCheckedThrowingContinuation { continuation in
            let job = Read(body: body, continuation: continuation)
            let opensLane = queue.withLock { queue in
                queue.jobs.append(job)
                guard queue.busyLanes < lanes else { return false }
                queue.busyLanes += 1
                return true
            }
            if opensLane { pool.submit { self.work($0) } }
        }
    }

    private func work(_ connection: Result<PostgresConnection, any Error>) {
        while let group = next() {
            guard let left = read(group, on: connection) else {
                // Those behind may have more luck with getting a connection.
                if case .failure = connection { return pool.submit { self.work($0) } }
                continue
            }
            // The connection was gone, which is often noticed only when it is used again: another one may be had.
            return pool.submit { self.resume(left.jobs, on: $0, run: 2) }
        }
    }

    /// - Parameter run: which one of these jobs this is: more connections may be gone.
    private func resume(_ group: [any ReadJob], on connection: Result<PostgresConnection, any Error>, run: Int) {
        if let left = read(group, on: connection) {
            if run < PostgresDatabase.mostRuns {
                return pool.submit { self.resume(left.jobs, on: $0, run: run + 1) }
            }
            for job in left.jobs { job.fail(left.error) }
        }
        work(connection)
    }

    private func next() -> [any ReadJob]? {
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

    /// Answers the jobs of a group.
    ///
    /// - Returns: those that are not answered because the connection is lost; `nil` if all are.
    private func read(
        _ group: [any ReadJob], on connection: Result<PostgresConnection, any Error>
    ) -> (jobs: [any ReadJob], error: any Error)? {
        switch connection {
        case .success(let connection): return read(group, on: connection)
        case .failure(let error):
            for job in group { job.fail(error) }
            return nil
        }
    }

    private func read(
        _ group: [any ReadJob], on connection: PostgresConnection
    ) -> (jobs: [any ReadJob], error: any Error)? {
        for (index, job) in group.enumerated() {
            if !connection.isInTransaction {
                connection.begin("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", PostgresSettings.readSettings)
            }
            let transaction = PostgresTransaction(connection, isReadOnly: true)
            defer { transaction.end() }
            do {
                try job.run(transaction)
                job.succeed()
            } catch {
                // After an error the server refuses everything more: the next job gets a snapshot of its own.
                connection.rollback()
                guard connection.isUsable else { return (Array(group[index...]), error) }
                if (error as? SQLError)?.isStalePlan == true {
                    connection.forgetPrepared()
                    // Nothing else is wrong with this connection.
                    return (Array(group[index...]), error)
                }
                job.fail(error)
            }
        }
        // Nothing was written: how it ends changes nothing, only that it does.
        connection.rollback()
        return nil
    }
}

private protocol ReadJob: AnyObject, Sendable {
    func run(_ transaction: PostgresTransaction) throws
    func succeed()
    func fail(_ error: any Error)
}

/// `@unchecked Sendable`: handed from the caller to a connection's queue, which alone touches it from then on.
private final class Read<Result: Sendable>: ReadJob, @unchecked Sendable {
    private let body: @Sendable (any SQLTransaction) throws -> Result
    private let continuation: CheckedContinuation<Result, any Error>
    private var result: Result?

    init(
        body: @escaping @Sendable (any SQLTransaction) throws -> Result,
        continuation: CheckedContinuation<Result, any Error>
    ) {
        self.body = body
        self.continuation = continuation
    }

    func run(_ transaction: PostgresTransaction) throws { result = try body(transaction) }

    func succeed() {
        if let result { continuation.resume(returning: result) }
    }

    func fail(_ error: any Error) { continuation.resume(throwing: error) }
}
