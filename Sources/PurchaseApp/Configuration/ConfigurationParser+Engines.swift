import PostgresAdapter
import RedisStreamsAdapter
import SQLCore

extension ConfigurationParser {
    /// Where the data are: a SQLite file, or a PostgreSQL database by URL or by its parts.
    mutating func database(_ stage: PurchaseConfiguration.Stage) -> DatabaseChoice {
        oneOf(.databaseType, ["sqlite", "postgres"], later: [])
        guard text(.databaseType) == "postgres" else {
            return .sqlite(path: text(.databaseName))
        }
        let endpoint = optional(.databaseURL).map { postgres(url: $0) } ?? postgresFromParts()
        let poolSize = integer(.databasePoolSize, in: 2...1000)
        if endpoint?.password == nil, stage == .production {
            complain(.databasePassword, "is required in production; or put it into DATABASE_URL")
        }
        let none = PostgresEndpoint(host: "", database: "", user: "")
        return .postgres(endpoint ?? none, poolSize: poolSize)
    }

    private mutating func postgres(url: String) -> PostgresEndpoint? {
        for key in [ConfigurationKey.databaseHost, .databasePort, .databaseUsername, .databasePassword, .databaseSSL]
        where optional(key) != nil {
            complain(key, "is set beside DATABASE_URL, which says it already; leave one of them out")
        }
        do { return try PostgresEndpoint(url: url) } catch {
            complain(.databaseURL, (error as? SQLError)?.detail ?? "\(error)")
            return nil
        }
    }

    private mutating func postgresFromParts() -> PostgresEndpoint {
        var endpoint = PostgresEndpoint(
            host: text(.databaseHost), port: integer(.databasePort, in: 1...65_535),
            database: optional(.databaseName) ?? assume(.databaseName, "purchase"), user: text(.databaseUsername),
            password: optional(.databasePassword))
        endpoint.encryption =
            value(.databaseSSL, expected: "disable, prefer, require, verify-ca or verify-full") {
                PostgresEndpoint.Encryption(rawValue: $0)
            } ?? .verifyFull
        endpoint.rootCertificate = optional(.databaseSSLRootCertificate)
        return endpoint
    }

    /// How events travel: within this process, or by Redis, by URL or by its parts.
    mutating func bus(_ stage: PurchaseConfiguration.Stage) -> BusChoice {
        oneOf(.eventBus, ["embedded", "redis"], later: [])
        guard text(.eventBus) == "redis" else { return .embedded }
        if boolean(.redisTLS) {
            complain(
                .redisTLS,
                "is not built in: run stunnel beside this process, with the server as its target, and name stunnel's port instead"
            )
        }
        let partitions = integer(.eventPartitions, in: 1...64)
        let endpoint = optional(.redisURL).map { redis(url: $0) } ?? redisFromParts()
        if let endpoint, endpoint.password == nil, stage == .production {
            complain(.redisPassword, "is required in production; or put it into REDIS_URL")
        }
        let prefix =
            value(.redisPrefix, expected: "up to 64 letters, digits, '-' and '_'") { text in
                let isPlain = text.utf8.allSatisfy { byte in
                    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_".utf8.contains(byte)
                }
                return isPlain && (1...64).contains(text.utf8.count) ? text : nil
            } ?? ""
        return .redis(endpoint ?? RedisEndpoint(), partitions: partitions, prefix: prefix)
    }

    private mutating func redis(url: String) -> RedisEndpoint? {
        for key in [ConfigurationKey.redisHost, .redisPort, .redisUser, .redisPassword, .redisDatabase]
        where optional(key) != nil {
            complain(key, "is set beside REDIS_URL, which says it already; leave one of them out")
        }
        do { return try RedisEndpoint(url: url) } catch {
            complain(.redisURL, "\(error)")
            return nil
        }
    }

    private mutating func redisFromParts() -> RedisEndpoint {
        RedisEndpoint(
            host: text(.redisHost), port: integer(.redisPort, in: 1...65_535), user: optional(.redisUser),
            password: optional(.redisPassword), database: integer(.redisDatabase, in: 0...1_000_000))
    }

    /// What this process does. Some of it alone makes sense where other processes do the rest.
    mutating func services(_ database: DatabaseChoice, _ bus: BusChoice) -> ServiceChoice {
        let names = ServiceChoice.known.map(\.name).joined(separator: ", ")
        let choice =
            value(.services, expected: "all, or some of api, \(names) with commas between") { ServiceChoice($0) }
            ?? .all
        guard !choice.isComplete else { return choice }
        if case .sqlite = database {
            complain(.services, "some of them need DATABASE_TYPE=postgres: one process writes to a SQLite file")
        }
        if case .embedded = bus {
            complain(.services, "some of them need EVENT_BUS=redis: the embedded bus stays in one process")
        }
        return choice
    }
}
