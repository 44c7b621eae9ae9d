import ArgumentParser
import Foundation
import PurchaseApp

/// Looks at messages that could not be handled, and repairs what they stand for.
struct DeadLettersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters", abstract: "Messages that could not be handled.",
        subcommands: [List.self, Show.self, Replay.self, Discard.self, Edit.self, Outcome.self])

    /// Which messages are meant.
    struct FilterOptions: ParsableArguments {
        @Option(name: .long, help: "What belongs to this order.")
        var order: String?

        @Option(name: .long, help: "What this service could not handle.")
        var consumer: String?

        @Option(name: .long, help: "Events of this type, such as payment.processed.")
        var type: String?

        @Option(name: .long, help: "undecodable, alarm, contract or exhausted.")
        var kind: String?

        @Option(name: .long, help: "What has this fault, exactly.")
        var cause: String?

        func validate() throws {
            if let order, UUID(uuidString: order) == nil { throw ValidationError("--order takes an order's id.") }
            if let kind, !DeadLetterUpkeep.Filter.kinds.contains(kind) {
                throw ValidationError("--kind is one of \(DeadLetterUpkeep.Filter.kinds.joined(separator: ", ")).")
            }
        }

        var filter: DeadLetterUpkeep.Filter {
            var filter = DeadLetterUpkeep.Filter()
            filter.order = order.flatMap { UUID(uuidString: $0) }
            (filter.consumer, filter.type, filter.kind, filter.cause) = (consumer, type, kind, cause)
            return filter
        }
    }

    /// Lists them.
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List them, the youngest event first, or by cause.",
            discussion: "From the database alone, beside a running server or without one.")

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var filter: FilterOptions

        @Flag(name: .long, help: "By consumer, event and cause, the largest group first.")
        var groups = false

        @Option(name: .long, help: "How many at most.")
        var limit = 100

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            guard (1...10_000).contains(limit) else { throw ValidationError("--limit takes 1 to 10000.") }
        }

        func run() async throws {
            let configuration = try await options.load()
            let found = try await failing {
                try await DeadLetterUpkeep.list(configuration, filter.filter, limit: limit)
            }
            if json { return groups ? try printJSON(found.groups) : try printJSON(found.letters) }
            if found.letters.isEmpty { return StandardOutput.write("no dead letters") }
            if groups {
                for group in found.groups {
                    StandardOutput.write(
                        "\(group.count)  \(group.consumer)  \(group.type)  \(group.kind): \(group.cause)  (\(group.oldest) to \(group.newest))"
                    )
                }
            } else {
                for letter in found.letters { StandardOutput.write(Self.line(letter)) }
            }
        }

        static func line(_ letter: DeadLetterUpkeep.Letter) -> String {
            let order = letter.order.map { "  order \($0)" } ?? ""
            return
                "\(letter.id)  \(letter.parkedAt)  \(letter.consumer)  \(letter.type)\(order)  \(letter.kind): \(letter.cause)"
        }
    }

    /// Shows one.
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one with its envelope, its last fault, and what was done to it before.",
            discussion:
                "From the database alone, beside a running server or without one. Exits 1 if there is no such message.")

        @OptionGroup var options: ConfigurationOptions

        @Argument(help: "The message's id, see purchase dead-letters list.")
        var id: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws { try checkID(id) }

        func run() async throws {
            let configuration = try await options.load()
            guard let uuid = UUID(uuidString: id) else { throw ExitCode(1) }
            guard let found = try await failing({ try await DeadLetterUpkeep.show(configuration, uuid) }) else {
                complain("purchase: there is no dead letter \(id)")
                throw ExitCode(1)
            }
            if json { return try printJSON(found) }
            StandardOutput.write(List.line(found.letter))
            StandardOutput.write("\(found.letter.attempts) attempts; \(found.isReadable ? "readable" : "not readable")")
            StandardOutput.write(found.envelope)
            for operation in found.history { OperationLines.write(operation) }
            if let known = found.known { StandardOutput.write("it must have said: \(known)") }
        }
    }

    /// Shows what became of an operation.
    struct Outcome: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "outcome", abstract: "Say what became of a replay, a discard, an edit or a resync.",
            discussion: "From the database alone. Exits 1 if there is no such operation, 3 if no effect was seen yet.")

        @OptionGroup var options: ConfigurationOptions

        @Argument(help: "The operation's id, as the command said that began it.")
        var operation: String

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws { try checkID(operation) }

        func run() async throws {
            let configuration = try await options.load()
            guard let id = UUID(uuidString: operation) else { throw ExitCode(1) }
            guard let found = try await failing({ try await DeadLetterUpkeep.operation(configuration, id) }) else {
                complain("purchase: there is no operation \(operation)")
                throw ExitCode(1)
            }
            if json { try printJSON(found) } else { OperationLines.write(found) }
            if !found.isDone { throw ExitCode(3) }
        }
    }
}

/// - Throws: a message about wrong usage.
func checkID(_ text: String) throws {
    guard UUID(uuidString: text) != nil else { throw ValidationError("'\(text)' is not an id (a UUID).") }
}

/// - Throws: a message about wrong usage.
func checkReason(_ reason: String) throws {
    guard (1...500).contains(reason.count) else { throw ValidationError("--reason takes 1 to 500 characters.") }
}

/// An operation for people.
enum OperationLines {
    static func write(_ operation: DeadLetterUpkeep.Operation) {
        StandardOutput.write(
            "operation \(operation.id)  \(operation.kind)  \(operation.requestedAt)  \(operation.reason)")
        for item in operation.items {
            let emitted = item.emitted.isEmpty ? "" : ", emitted \(item.emitted.joined(separator: ", "))"
            let how = item.disposition.map { " (\($0)\(emitted))" } ?? ""
            let detail = item.detail.map { ": \($0)" } ?? ""
            StandardOutput.write("  \(item.id)  \(item.consumer)  \(item.type)  \(item.state)\(how)\(detail)")
        }
    }
}
