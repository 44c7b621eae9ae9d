import ArgumentParser
import Foundation
import PostgresAdapter
import PurchaseApp

/// What a server of the load's own runs on.
enum LoadEngines: String, ExpressibleByArgument, CaseIterable {
    case sqlite = "sqlite,embedded"
    case postgres = "postgres,embedded"
    case postgresAndRedis = "postgres,redis"

    /// The server's settings: a database of its own on the servers that DATABASE_URL and REDIS_URL name.
    ///
    /// - Throws: ``SQLError``; an exit code if a URL is missing.
    func environment(_ folder: URL) async throws -> [String: String] {
        guard self != .sqlite else { return ["DATABASE_NAME": folder.appending(path: "load.sqlite").path] }
        let given = ProcessInfo.processInfo.environment
        guard let url = given["DATABASE_URL"], var place = URLComponents(string: url) else {
            complain(
                "purchase: --engines \(rawValue) needs DATABASE_URL; 'make up' starts servers, '. .servers/env' names them"
            )
            throw ExitCode(78)
        }
        let name = "load_\(UUID().uuidString.lowercased().replacing("-", with: ""))"
        let server = PostgresDatabase(try PostgresEndpoint(url: url), PostgresSettings(poolSize: 1))
        defer { server.close() }
        try await server.outside("CREATE DATABASE \(name)")
        place.path = "/\(name)"
        var environment = ["DATABASE_TYPE": "postgres", "DATABASE_URL": place.string ?? url]
        guard self == .postgresAndRedis else { return environment }
        guard let redis = given["REDIS_URL"] else {
            complain(
                "purchase: --engines \(rawValue) needs REDIS_URL; 'make up' starts servers, '. .servers/env' names them"
            )
            throw ExitCode(78)
        }
        environment.merge(["EVENT_BUS": "redis", "REDIS_URL": redis, "REDIS_PREFIX": name]) { $1 }
        return environment
    }

    /// Drops that database. What is left in Redis under its name is empty.
    ///
    /// - Throws: ``SQLError``.
    func remove(_ configuration: PurchaseConfiguration) async throws {
        guard case .postgres(let endpoint, _) = configuration.database,
            let url = ProcessInfo.processInfo.environment["DATABASE_URL"]
        else { return }
        let server = PostgresDatabase(try PostgresEndpoint(url: url), PostgresSettings(poolSize: 1))
        defer { server.close() }
        try await server.outside("DROP DATABASE \(endpoint.database) WITH (FORCE)")
    }
}
