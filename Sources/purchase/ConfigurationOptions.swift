import ArgumentParser
import PurchaseApp

/// The options that every command with a configuration shares; they win over the environment.
struct ConfigurationOptions: ParsableArguments {
    @Option(name: .long, help: "Path of the SQLite database (DATABASE_NAME).")
    var database: String?

    @Option(name: .long, help: "development, test or production (APP_ENV).")
    var env: String?

    /// Loads and checks the configuration.
    ///
    /// - Throws: the exit code 78 after listing every bad key.
    func load(_ more: [ConfigurationKey: String?] = [:]) async throws -> PurchaseConfiguration {
        var values: [ConfigurationKey: String?] = [.databaseName: database, .appEnv: env]
        values.merge(more) { _, new in new }
        let given = values.compactMapValues { $0 }
        return try await failing {
            try await PurchaseConfiguration.load(
                commandLine: Dictionary(uniqueKeysWithValues: given.map { ($0.key.rawValue, $0.value) }))
        }
    }
}
