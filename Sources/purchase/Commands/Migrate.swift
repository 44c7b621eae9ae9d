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

    func run() async throws {
        let configuration = try await options.load()
        try await failing {
            let database = try await PurchaseDatabase.pending(configuration)
            if database.isEmpty {
                StandardOutput.write("\(configuration.databasePath): up to date")
                return
            }
            if !dryRun {
                try await PurchaseDatabase.openToWrite(configuration, logger: Logger(label: "purchase")).close()
            }
            for id in database { StandardOutput.write("\(dryRun ? "would apply" : "applied") \(id)") }
        }
    }
}
