import ArgumentParser
import Foundation
import PurchaseApp

/// Looks at the audit trail.
struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit", abstract: "Look at the audit trail.",
        subcommands: [Verify.self, Heads.self, Repair.self, Cleanup.self, Hold.self, Release.self, Holds.self])

    /// Checks the chain.
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that the audit trail is what was recorded.",
            discussion: """
                Reads the whole log, also beside a running server: no gap, each hash that of its content and its predecessor, \
                sealed segments as they were. The same of MongoDB, if it is configured, with the heads that it keeps. Names what was changed, removed or inserted. Keep the place and hash of the last \
                entry elsewhere: whoever can rewrite all of the log can make it fit itself. Exit code 1 if something is wrong.
                """)

        @OptionGroup var options: ConfigurationOptions

        @Option(name: .long, help: "A file of heads that `purchase audit heads` printed earlier, to compare with.")
        var heads: String?

        @Flag(name: .long, help: "Leave MongoDB out. What is only there cannot be checked.")
        var own = false

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let configuration = try await options.load()
            let line = ProgressLine()
            let report = try await failing {
                let database = try await OpenDatabases.openToRead(configuration).audit
                let second = own ? nil : SecondStore(configuration)
                let kept = try heads.map { try String(contentsOfFile: $0, encoding: .utf8) } ?? ""
                do {
                    let check = AuditCheck(database, store: second?.store)
                    let report = try await check.run(against: kept) { line.show("\($0) entries looked at") }
                    await second?.close()
                    return report
                } catch let error as AuditCheck.NotHeads {
                    complain("purchase: line \(error.line) of \(heads ?? "") is no head of an audit trail")
                    throw ExitCode(1)
                }
            }
            line.end()
            if json { try printJSON(report) } else { Self.print(report) }
            if !report.isIntact { throw ExitCode(1) }
        }

        private static func print(_ report: AuditCheck.Report) {
            for finding in report.findings { StandardOutput.write("BROKEN  \(finding.what)") }
            let pruned = report.pruned > 0 ? ", \(report.pruned) gone by retention" : ""
            StandardOutput.write(
                "\(report.entries) entries\(pruned); the last is \(report.lastSequence), \(report.lastHash)")
            if let count = report.storeEntries { StandardOutput.write("\(count) entries in MongoDB") }
            StandardOutput.write(report.isIntact ? "intact: nothing was changed, removed or inserted" : "not intact")
        }
    }
}
