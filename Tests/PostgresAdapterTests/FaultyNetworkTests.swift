import PostgresAdapter
import SQLCore
import TestServers
import Testing

@Suite(.enabled(if: PostgresServer.requirement.allowsTests, "\(PostgresServer.requirement.explanation)"))
struct `PostgreSQL behind a network that fails` {
    @Test func `a COMMIT whose answer is lost is uncertain, and durable`() async throws {
        try await behindProxy { database, proxy in
            proxy.loseNextCommitAnswer()
            let error = await #expect(throws: SQLError.self) { try await database.write { try $0.insert(1) } }
            #expect(error?.code == .unavailable)
            #expect(proxy.lostCommitAnswers == 1)
            let numbers = try await database.numbers()
            #expect(numbers == [1])
        }
    }

    @Test func `connections that were reset are replaced`() async throws {
        try await behindProxy { database, proxy in
            try await database.write { try $0.insert(1) }
            #expect(proxy.cut() > 0)
            try await database.write { try $0.insert(2) }
            let numbers = try await database.numbers()
            #expect(numbers == [1, 2])
        }
    }

    @Test
    func `what only writes is uncertain, or done once, on a connection that broke while idle, and the next one works`()
        async throws
    {
        try await behindProxy(lanes: 1) { database, proxy in
            try await database.write { try $0.insert(1) }
            #expect(proxy.cut() > 0)
            var isDone = true
            do {
                try await database.write { try $0.later("INSERT INTO numbers (n) VALUES (2)", changing: nil) }
            } catch let error as SQLError where error.code == .unavailable {
                // COMMIT went with the change, so nobody can say whether it came to it. If the reset is there before anything is
                // sent, it is known that it did not, and another connection does it.
                isDone = false
            }
            try await database.write { try $0.later("INSERT INTO numbers (n) VALUES (3)", changing: nil) }
            let numbers = try await database.numbers()
            #expect(numbers.count { $0 == 1 } == 1 && numbers.count { $0 == 3 } == 1)
            #expect(numbers.count { $0 == 2 } == (isDone ? 1 : 0), "the proxy let nothing through")
        }
    }

    @Test func `connections that swallow everything are replaced once they are reset`() async throws {
        try await behindProxy { database, proxy in
            try await database.write { try $0.insert(1) }
            async let silence: Void = proxy.goHalfOpen(for: .milliseconds(300))
            // Whatever becomes of these: no statement came to the server while it was not heard.
            for number in 2...3 { _ = try? await database.write { try $0.insert(Int64(number)) } }
            try await silence
            try await database.write { try $0.insert(4) }
            let numbers = try await database.numbers()
            #expect(numbers.contains(4))
        }
    }

    @Test(.timeLimit(.minutes(2))) func `a crash of the server loses nothing that was committed`() async throws {
        let server = try await PostgresServer.start()
        let database = PostgresDatabase(try await server.makeDatabase(), PostgresSettings(poolSize: 2))
        defer { database.close() }
        try await database.write { try $0.script("CREATE TABLE numbers (n BIGINT)") }
        for number in 1...3 {
            try await database.write { try $0.insert(Int64(number)) }
            try await server.restartImmediately()
        }
        let numbers = try await database.numbers()
        #expect(numbers == [1, 2, 3])
    }

    /// Runs `body` with a table `numbers`, reached through a proxy.
    ///
    /// - Parameter lanes: how many connections there are at most. Who is answered may ask again before his connection is free.
    private func behindProxy(
        lanes: Int = 2, _ body: (PostgresDatabase, FaultyProxy) async throws -> Void
    ) async throws {
        let server = try await PostgresServer.shared()
        let direct = try await server.makeDatabase()
        let proxy = try await FaultyProxy.start(to: direct.port)
        var endpoint = direct
        endpoint.port = proxy.port
        let database = PostgresDatabase(endpoint, PostgresSettings(poolSize: lanes))
        try await database.write { try $0.script("CREATE TABLE numbers (n BIGINT)") }
        try await body(database, proxy)
        database.close()
        try await proxy.close()
        try await server.drop(direct)
    }
}

extension SQLTransaction {
    fileprivate func insert(_ number: Int64) throws { try execute("INSERT INTO numbers (n) VALUES (\(number))") }
}

extension PostgresDatabase {
    fileprivate func numbers() async throws -> [Int64] {
        try await read { try $0.rows("SELECT n FROM numbers ORDER BY n").map { try $0.int64("n") } }
    }
}
