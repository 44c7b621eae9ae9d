import ArgumentParser
import Logging
import PurchaseApp
import SQLCore

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the database to this version's schema.",
        discussion: "Refuses while another process writes to the database, and a database of a newer version.")

    @OptionGroup var options: ConfigurationOptions

    @Flag(name: .long, help: "Only say what would be applied.")
    var dryRun = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    private struct Printed: Encodable {
        let database: String
        let migrations: [String]
        let applied: Bool
    }

    func run() async throws {
        let configuration = try await options.load()
        let line = ProgressLine()
        let missing = try await failing {
            let missing = try await PurchaseDatabase.pending(configuration)
            if !dryRun, !missing.isEmpty {
                line.show("applying \(missing.count) migrations")
                let quiet = Logger(label: "purchase") { _ in SwiftLogNoOpLogHandler() }
                try await PurchaseDatabase.openToWrite(configuration, logger: quiet).close()
            }
            return missing
        }
        line.end()
        let path = configuration.database.name
        if json { return try printJSON(Printed(database: path, migrations: missing, applied: !dryRun)) }
        if missing.isEmpty { StandardOutput.write("\(path): up to date") }
        for id in missing { StandardOutput.write("\(dryRun ? "would apply" : "applied") \(id)") }
    }
}
