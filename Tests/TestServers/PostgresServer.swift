import Foundation
import PostgresAdapter
import ProcessDriver
import SQLCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// A PostgreSQL server of the tests' own, on a free port of 127.0.0.1 in a temporary folder. It ends with this process.
package final class PostgresServer: Sendable {
    package static let requirement = ServerRequirement(
        program: "initdb", package: "postgresql", folders: debianFolders)

    /// Debian puts the programs of each version into a folder of its own.
    private static var debianFolders: [String] {
        let root = "/usr/lib/postgresql"
        guard let versions = try? FileManager.default.contentsOfDirectory(atPath: root) else { return [] }
        return versions.map { "\(root)/\($0)/bin" }
    }

    package let endpoint: PostgresEndpoint
    private let process: ScriptedServer
    private let administration: PostgresDatabase

    /// Starts one and waits until it answers.
    ///
    /// - Parameter settings: further settings, such as `fsync=off`.
    /// - Throws: ``ScriptedServer/DidNotStart``.
    package static func start(_ settings: [String] = []) async throws -> PostgresServer {
        _ = try requirement.require()
        let port = try freePort()
        let process = try ScriptedServer("postgres.sh", port: port, settings)
        let endpoint = try await process.untilReady { () -> PostgresEndpoint? in
            guard let password = try? String(contentsOfFile: process.path("password"), encoding: .utf8) else {
                return nil
            }
            let endpoint = PostgresEndpoint(
                host: "127.0.0.1", port: port, database: "postgres", user: "purchase", password: password,
                encryption: .disable)
            let database = PostgresDatabase(endpoint, PostgresSettings(poolSize: 1))
            defer { database.close() }
            return try await database.read { try $0.first("SELECT 1 AS one") } == nil ? nil : endpoint
        }
        return PostgresServer(endpoint, process)
    }

    private init(_ endpoint: PostgresEndpoint, _ process: ScriptedServer) {
        self.endpoint = endpoint
        self.process = process
        // Many tests ask at once, and each copy of a database takes its time.
        administration = PostgresDatabase(endpoint, PostgresSettings(poolSize: 2, acquireTimeout: .seconds(600)))
    }

    /// One server for all tests of this process; nothing of it is worth an fsync.
    package static func shared() async throws -> PostgresServer { try await sharedServer.value }

    private static let sharedServer = Task {
        try await start([
            "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "max_connections=1500",
        ])
    }

    /// Makes a database.
    ///
    /// - Parameter template: the database that it is a copy of.
    package func makeDatabase(from template: String = "template1") async throws -> PostgresEndpoint {
        let name = "t_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        try await administration.outside("CREATE DATABASE \(name) TEMPLATE \(template)")
        var endpoint = endpoint
        endpoint.database = name
        return endpoint
    }

    /// Ends it as a crash would: every connection is cut, nothing is written down first. It starts again by itself, on the same
    /// port, and has to recover from its log.
    ///
    /// - Throws: `WaitedInVain` if it does not answer again.
    package func restartImmediately(within limit: Duration = .seconds(60)) async throws {
        let before = try postmaster()
        kill(before, SIGQUIT)
        _ = try await waiting(for: "PostgreSQL to answer again", within: limit) { () -> Bool? in
            // While it ends and before the next has begun there is no such file.
            guard let now = try? postmaster(), now != before else { return nil }
            let database = PostgresDatabase(endpoint, PostgresSettings(poolSize: 1, acquireTimeout: .seconds(2)))
            defer { database.close() }
            return (try? await database.read { try $0.first("SELECT 1 AS one") }) == nil ? nil : true
        }
    }

    private struct NoPostmaster: Error { let file: String }

    private func postmaster() throws -> pid_t {
        let file = try String(contentsOfFile: process.path("data/postmaster.pid"), encoding: .utf8)
        guard let number = file.split(separator: "\n").first.flatMap({ pid_t($0) }), number > 1 else {
            throw NoPostmaster(file: file)
        }
        return number
    }

    /// Runs a command that no transaction may hold, such as DROP DATABASE.
    package func administer(_ sql: String) async throws { try await administration.outside(sql) }

    /// Drops a database, whoever uses it.
    package func drop(_ endpoint: PostgresEndpoint) async throws {
        try await administration.outside("DROP DATABASE IF EXISTS \(endpoint.database) WITH (FORCE)")
    }
}
