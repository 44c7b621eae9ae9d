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
        let found = try await failing {
            let found = try await PurchaseDatabase.pendingByName(configuration)
            // Where services have databases of their own, each one has to say whose it is as well.
            if !dryRun, found.count > 1 || !found.allSatisfy(\.migrations.isEmpty) {
                line.show("applying \(found.reduce(0) { $0 + $1.migrations.count }) migrations")
                let quiet = Logger(label: "purchase") { _ in SwiftLogNoOpLogHandler() }
                try await OpenDatabases.openToWrite(configuration, logger: quiet).close()
            }
            return found
        }
        line.end()
        if json {
            let printed = found.map { Printed(database: $0.database, migrations: $0.migrations, applied: !dryRun) }
            return try printed.count == 1 ? printJSON(printed[0]) : printJSON(printed)
        }
        for (database, missing) in found {
            if missing.isEmpty || found.count > 1 {
                StandardOutput.write(missing.isEmpty ? "\(database): up to date" : "\(database):")
            }
            for id in missing { StandardOutput.write("\(dryRun ? "would apply" : "applied") \(id)") }
        }
    }
}
