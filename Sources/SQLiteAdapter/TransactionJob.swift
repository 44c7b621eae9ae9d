import GRDB
import SQLCore

extension Database {
    /// Runs a statement that begins or ends a transaction or savepoint, prepared once.
    func control(_ sql: String) throws {
        let statement = try PreparedStatement(SQLStatement(sql), on: self)
        defer { statement.reset() }
        _ = try statement.step()
    }
}

/// One caller's transaction, with its result kept until the group that it shares has ended.
protocol TransactionJob: AnyObject {
    func run(_ transaction: SQLiteTransaction) throws
    func succeed()
    func fail(_ error: any Error)
}

/// `@unchecked Sendable`: handed once from the caller to a connection's queue, which alone touches it from then on.
final class Job<Result: Sendable>: TransactionJob, @unchecked Sendable {
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

    func run(_ transaction: SQLiteTransaction) throws { result = try body(transaction) }

    func succeed() {
        if let result { continuation.resume(returning: result) }
    }

    func fail(_ error: any Error) { continuation.resume(throwing: error) }
}
