import ArgumentParser
import Foundation
import PurchaseApp
import SQLCore
import SQLiteAdapter

struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy the database while a server runs on it.",
        discussion: """
            One consistent moment, without stopping anybody. The file belongs to its owner alone. A development key that the \
            server keeps beside the database is not part of it: tokens signed before are not valid on a restored copy.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(name: .long, help: "The file to write; it must not exist.", completion: .file())
    var to: String

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        let configuration = try await options.load()
        let line = ProgressLine()
        line.show("copying \(configuration.database.name)")
        let size = try await failing {
            guard let database = try await PurchaseDatabase.openToRead(configuration) as? SQLiteDatabase else {
                throw SQLError(
                    .misuse,
                    "\(configuration.database.name) is a PostgreSQL database: back it up with pg_dump --format=custom")
            }
            try await SQLiteBackup.copy(of: database, to: to) { line.show("copying: \($0) of \($1) pages") }
            return try FileManager.default.attributesOfItem(atPath: to)[.size] as? Int ?? 0
        }
        line.end()
        if json { return try printJSON(["file": to, "bytes": String(size)]) }
        StandardOutput.write("\(to): \(size) bytes; put it back with: purchase restore --from \(to)")
    }
}

struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put a backup in the place of the configured database.",
        discussion: """
            Refuses while a server runs. The backup is copied, checked, brought to this version and verified first: if that \
            fails, nothing was changed. Orders that were under way when the backup was taken go on at the next start.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Option(name: .long, help: "The backup.", completion: .file())
    var from: String

    @Flag(name: .long, help: "Move a database that is there aside, and say where it went.")
    var replace = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func run() async throws {
        let configuration = try await options.load()
        let line = ProgressLine()
        line.show("checking \(from)")
        let outcome = try await failing {
            do {
                return try await Restoration(configuration).restore(from: from, replacing: replace) { line.show($0) }
            } catch let error as Restoration.NotClean {
                line.end()
                for violation in error.report.violations {
                    complain("BROKEN  \(violation.check): \(violation.what)")
                }
                complain("purchase: '\(from)' breaks \(error.report.violations.count) invariants; nothing was changed")
                throw ExitCode(1)
            }
        }
        line.end()
        if json { return try printJSON(outcome) }
        StandardOutput.write(
            "restored '\(configuration.database.name)': \(outcome.settledOrders) settled orders, \(outcome.inFlight) in flight; "
                + "every invariant holds")
        if let replaced = outcome.replaced { StandardOutput.write("the database that was there is '\(replaced)'") }
    }
}
