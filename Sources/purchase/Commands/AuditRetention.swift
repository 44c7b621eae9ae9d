import ArgumentParser
import Foundation
import PurchaseApp

extension AuditCommand {
    /// Makes log and MongoDB the same again.
    struct Repair: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Repair the audit trail's log from MongoDB, or MongoDB from the log.",
            discussion: """
                Checks both, and writes each segment that is damaged in one of them as the other has it, if that one's chain is \
                whole up to the hash with which the segment was sealed. What is damaged in both is named and left alone: exit code \
                1. The repair is an entry of the trail. On SQLite no server may run.
                """)

        @OptionGroup var options: ConfigurationOptions

        @Option(name: .long, help: "Why; at most 500 characters.")
        var reason: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            guard (1...500).contains(reason.count) else { throw ValidationError("--reason takes 1 to 500 characters") }
        }

        func run() async throws {
            let configuration = try await options.load()
            guard configuration.auditMongo != nil else {
                complain("purchase: there is nothing to repair from: MONGODB_URI or MONGODB_HOST is not set")
                throw ExitCode(78)
            }
            let outcome = try await failing { try await AuditUpkeep.repair(configuration, reason: reason) }
            if json { try printJSON(outcome) } else { show(outcome) }
            if !outcome.hopeless.isEmpty { throw ExitCode(1) }
        }

        private func show(_ outcome: AuditUpkeep.Repaired) {
            for part in outcome.hopeless {
                StandardOutput.write("BROKEN  entries \(part.first) to \(part.last) are damaged in both")
            }
            StandardOutput.write("\(outcome.log) entries of the log and \(outcome.store) of MongoDB were repaired")
        }
    }

    /// Takes away what was kept long enough.
    struct Cleanup: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take away entries that were kept long enough.",
            discussion: """
                As AUDIT_RETENTION_DAYS and AUDIT_HIGH_SEVERITY_RETENTION_DAYS say; holds keep what they cover. What it takes is \
                logged, and verifies as gone. Segments that are not what was recorded are left alone: exit code 1. On SQLite no \
                server may run, save for --dry-run.
                """)

        @OptionGroup var options: ConfigurationOptions

        @Flag(name: .long, help: "Only say what would go.")
        var dryRun = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws {
            let configuration = try await options.load()
            let line = ProgressLine()
            let outcome = try await failing {
                try await AuditUpkeep.cleanUp(configuration, isDry: dryRun) { line.show("\($0) entries") }
            }
            line.end()
            if json { try printJSON(outcome) } else { show(outcome) }
            if !outcome.damaged.isEmpty { throw ExitCode(1) }
        }

        private func show(_ outcome: AuditUpkeep.Cleaned) {
            for segment in outcome.damaged {
                StandardOutput.write("BROKEN  segment \(segment) is not what was recorded; run: purchase audit verify")
            }
            StandardOutput.write(
                "\(outcome.entries) entries of \(outcome.segments) segments \(dryRun ? "would go" : "are gone"); "
                    + "\(outcome.held) are held")
        }
    }

    /// Keeps entries from retention.
    struct Hold: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep entries from retention until the hold is released.",
            discussion: "Everything that all the given options let through. On SQLite no server may run.")

        @OptionGroup var options: ConfigurationOptions

        @Option(name: .long, help: "Why; at most 500 characters.")
        var reason: String

        @Option(name: .long, help: "What this user did.")
        var actor: String?

        @Option(name: .long, help: "What belongs to this order.")
        var order: String?

        @Option(name: .long, help: "Things of this kind.")
        var resource: String?

        @Option(name: .long, help: "This thing.")
        var resourceID: String?

        @Option(name: .long, help: "This action.")
        var action: String?

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        private struct Placed: Encodable { let hold: String }

        func validate() throws {
            guard (1...500).contains(reason.count) else {
                throw ValidationError("--reason takes 1 to 500 characters.")
            }
            for (name, text) in [("--actor", actor), ("--order", order)] {
                if let text, UUID(uuidString: text) == nil { throw ValidationError("\(name) takes an id.") }
            }
        }

        func run() async throws {
            var covered = AuditUpkeep.Covered()
            covered.actor = actor.flatMap { UUID(uuidString: $0) }
            covered.order = order.flatMap { UUID(uuidString: $0) }
            (covered.resource, covered.resourceID, covered.action) = (resource, resourceID, action)
            let configuration = try await options.load()
            let id = try await failing { [covered] in
                try await AuditUpkeep.hold(configuration, covered, reason: reason)
            }
            let text = id.uuidString.lowercased()
            if json { try printJSON(Placed(hold: text)) } else { StandardOutput.write("held: \(text)") }
        }
    }

    /// Ends a hold.
    struct Release: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give back to retention what a hold kept.", discussion: "On SQLite no server may run.")

        @OptionGroup var options: ConfigurationOptions

        @Argument(help: "The hold's id.")
        var hold: String

        @Option(name: .long, help: "Why; at most 500 characters.")
        var reason: String

        func validate() throws {
            guard UUID(uuidString: hold) != nil else {
                throw ValidationError("A hold has an id, see purchase audit holds.")
            }
            guard (1...500).contains(reason.count) else {
                throw ValidationError("--reason takes 1 to 500 characters.")
            }
        }

        func run() async throws {
            let configuration = try await options.load()
            guard let id = UUID(uuidString: hold) else { throw ExitCode(1) }
            let isReleased = try await failing { try await AuditUpkeep.release(configuration, id, reason: reason) }
            guard isReleased else {
                complain("purchase: there is no hold \(hold) in force")
                throw ExitCode(1)
            }
            StandardOutput.write("released: \(hold)")
        }
    }

    /// Prints what verifies the log against whoever can write it.
    struct Heads: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the heads of the audit trail, to be kept where nobody can write who can write the log.",
            discussion: "A place and its hash a line. Compare later: purchase audit verify --heads FILE.")

        @OptionGroup var options: ConfigurationOptions

        func run() async throws {
            let configuration = try await options.load()
            let lines = try await failing {
                try await AuditCheck(try await OpenDatabases.openToRead(configuration).audit).heads()
            }
            lines.forEach(StandardOutput.write)
        }
    }

    /// Lists holds.
    struct Holds: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the holds in force.")

        @OptionGroup var options: ConfigurationOptions

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func run() async throws {
            let configuration = try await options.load()
            let holds = try await failing { try await AuditUpkeep.holds(configuration) }
            if json { return try printJSON(holds) }
            for hold in holds { StandardOutput.write("\(hold.hold)  \(hold.placedAt)  \(hold.reason)") }
            if holds.isEmpty { StandardOutput.write("no holds") }
        }
    }
}
