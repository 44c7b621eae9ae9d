import CMongo
import SagaChoreography
import Synchronization

/// The library's pool of clients, made when the first one is needed: looking up `mongodb+srv` takes its time.
final class MongoClients: Sendable {
    /// `@unchecked Sendable`: the library's pool is made for many threads.
    private struct Pool: @unchecked Sendable {
        let raw: OpaquePointer
    }

    private let settings: MongoSettings
    private let pool = Mutex<Pool?>(nil)

    init(_ settings: MongoSettings) { self.settings = settings }

    deinit { close() }

    /// Nobody may have a client then.
    func close() {
        let last = pool.withLock { pool in
            defer { pool = nil }
            return pool
        }
        if let last { mongoc_client_pool_destroy(last.raw) }
    }

    /// Blocks.
    ///
    /// - Throws: what `body` throws; ``SagaFault``.
    func withClient<Value>(_ body: (MongoConnection) throws -> Value) throws -> Value {
        let pool = try opened()
        guard let client = mongoc_client_pool_pop(pool.raw) else {
            throw SagaFault.unavailable("\(settings): no client")
        }
        defer { mongoc_client_pool_push(pool.raw, client) }
        return try body(MongoConnection(client, settings))
    }

    private func opened() throws -> Pool {
        try pool.withLock { pool in
            if let pool { return pool }
            let uri: MongoURI
            do { uri = try MongoURI(settings) } catch { throw SagaFault.permanent(.contract, "\(error)") }
            var error = bson_error_t()
            // It is not to be freed before the library has its copy.
            guard let raw = withExtendedLifetime(uri, { mongoc_client_pool_new_with_error(uri.raw, &error) }) else {
                throw MongoFailure(&error).fault(settings)
            }
            mongoc_client_pool_set_error_api(raw, 2)
            let opened = Pool(raw: raw)
            pool = opened
            return opened
        }
    }
}
