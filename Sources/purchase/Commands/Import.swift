import ArgumentParser
import PostgresAdapter
import PurchaseApp

struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Move everything from a SQLite file to an empty PostgreSQL database.",
        discussion: """
            No server may run on either. It works in batches that each commit: whatever ends it, the same command goes on there. \
            At the end counts and sums of both are compared and every invariant is checked on both; the file is not changed. \
            Start the server on PostgreSQL afterwards: orders that were under way go on.
            """)

    @Option(name: .long, help: "The SQLite file, as sqlite:PATH.")
    var from: String

    @Option(name: .long, help: "The PostgreSQL database, as postgres://user:password@host:port/database.")
    var to: String

    @Option(name: .long, help: "Rows of one transaction.")
    var batch = 2000

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard from.hasPrefix("sqlite:"), from.count > "sqlite:".count else {
            throw ValidationError("--from is sqlite: and the path of the file, such as sqlite:data/purchase.sqlite.")
        }
        guard (1...50_000).contains(batch) else { throw ValidationError("--batch takes 1 to 50000.") }
    }

    func run() async throws {
        let line = ProgressLine()
        let path = String(from.dropFirst("sqlite:".count))
        let outcome = try await failing {
            let endpoint = try PostgresEndpoint(url: to)
            line.show("checking both")
            do {
                return try await Importation(from: path, to: endpoint, batch: batch).run { progress in
                    line.show("\(progress.table): \(progress.rows) of \(progress.of)")
                }
            } catch let error as Importation.NotEqual {
                line.end()
                for difference in error.differences { complain("DIFFERS  \(difference)") }
                complain("purchase: the two are not equal, or break an invariant; the file was not changed")
                throw ExitCode(1)
            }
        }
        line.end()
        if json { return try printJSON(outcome) }
        let rows = outcome.rows.values.reduce(0, +)
        StandardOutput.write(
            "moved \(rows) rows of \(outcome.rows.count) tables\(outcome.wasResumed ? ", going on with what had been begun" : ""); "
                + "counts and sums are equal, every invariant holds: \(outcome.settledOrders) settled orders, "
                + "\(outcome.inFlight) in flight")
    }
}
