import Dispatch
import SQLCore

/// A lock of a whole database that one session at a time has: for a program of which one process may run. It is the server's
/// advisory lock on a connection of its own, so whoever dies gives it back. Not through a pooler that lends sessions by
/// transaction.
///
/// `@unchecked Sendable`: `connection` and `backend` are touched on `queue` only.
public final class PostgresSessionLock: @unchecked Sendable {
    private let endpoint: PostgresEndpoint
    private let key: Int64
    private let settings: PostgresSettings
    private let queue = DispatchQueue(label: "purchase.postgres.lock")
    private var connection: PostgresConnection?
    /// The server's process behind the connection of now, or of before it was lost.
    private var backend: Int64?

    /// - Parameter key: which lock; programs that share a database have different ones.
    public init(_ endpoint: PostgresEndpoint, key: Int64) {
        self.endpoint = endpoint
        self.key = key
        settings = PostgresSettings(
            poolSize: 1, statementTimeout: .seconds(5), lockTimeout: .seconds(1), applicationName: "purchase lock")
    }

    /// Takes the lock, or makes sure that it is still held. After the connection was lost it is taken again.
    ///
    /// - Throws: ``SQLError`` `.locked` if another session has it, `.unavailable` if the server cannot be asked.
    public func hold() async throws {
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            queue.async { continuation.resume(with: Result { try self.holdNow() }) }
        }
    }

    /// Gives it back.
    public func release() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.connection = nil
                continuation.resume()
            }
        }
    }

    private func holdNow() throws {
        if let connection {
            // Who holds a session's lock holds it as long as the session answers.
            do {
                _ = try connection.run("SELECT 1 AS one")
                return
            } catch { self.connection = nil }
        }
        let fresh = try PostgresConnection(endpoint, settings)
        // A machine that loses its power says nothing: the server has to find out by itself.
        try fresh.control("SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3")
        guard try takes(fresh) || takesFromItself(fresh) else {
            throw SQLError(.locked, "another session holds the lock of \(endpoint)")
        }
        backend = try fresh.run("SELECT pg_backend_pid()::bigint AS pid").rows.first?.int64("pid")
        connection = fresh
    }

    private func takes(_ connection: PostgresConnection) throws -> Bool {
        try connection.run("SELECT pg_try_advisory_lock(\(key)) AS taken").rows.first?.bool("taken") == true
    }

    /// The server may not have noticed yet that the connection of before is gone: that session is ours to end.
    private func takesFromItself(_ connection: PostgresConnection) throws -> Bool {
        guard let backend else { return false }
        let ended = try connection.run(
            """
            SELECT pg_terminate_backend(l.pid, 2000) AS ended FROM pg_locks l
            WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND l.pid = \(backend)
                AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
                AND (l.classid::bigint << 32 | l.objid::bigint) = \(key)
            """)
        guard try ended.rows.first?.bool("ended") == true else { return false }
        return try takes(connection)
    }
}
