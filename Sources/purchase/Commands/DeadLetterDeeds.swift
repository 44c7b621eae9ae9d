import ArgumentParser
import Foundation
import PurchaseApp
import PurchaseContracts

extension DeadLettersCommand {
    /// What replay and discard share.
    struct DeedOptions: ParsableArguments {
        @Argument(help: "The message's id; without one, those that the options let through, 200 at most.")
        var id: String?

        @OptionGroup var filter: FilterOptions

        @Option(name: .long, help: "Why; 1 to 500 characters. It is audited.")
        var reason: String

        @Flag(name: .long, help: "Only say what would be done, and what is expected to come of it.")
        var dryRun = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            try checkReason(reason)
            if let id { try checkID(id) }
            guard (id == nil) != filter.filter.isEverything else {
                throw ValidationError("Give the id of a message, or options that say which are meant, not both.")
            }
        }

        private var selection: DeadLetterUpkeep.Selection {
            id.flatMap { UUID(uuidString: $0) }.map { .one($0) } ?? .matching(filter.filter)
        }

        func perform(_ deed: DeadLetterUpkeep.Deed, _ options: ConfigurationOptions) async throws {
            let configuration = try await options.load()
            if dryRun {
                let items = try await refusing { try await DeadLetterUpkeep.plan(deed, configuration, selection) }
                if json { return try printJSON(items) }
                return items.forEach(PlanLines.write)
            }
            let operation = try await refusing {
                try await DeadLetterUpkeep.perform(deed, configuration, selection, reason: reason)
            }
            if json { try printJSON(operation) } else { OperationLines.write(operation) }
            if operation.items.contains(where: { $0.state == "kept" }) { throw ExitCode(1) }
        }
    }

    /// Delivers again.
    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Deliver them again.",
            discussion: """
                Each goes back to its consumer, in whichever process that is, and is handled as soon as it looks; if none runs, when one \
                does. What came of it: purchase dead-letters outcome. To do it twice does no harm. On SQLite no server may run: ask \
                it over HTTP instead. Exits 1 if something was refused.
                """)

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var deed: DeedOptions

        func run() async throws { try await deed.perform(.replay, options) }
    }

    /// Forgets.
    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Forget those that would change nothing.",
            discussion: """
                Found out by handling each in a transaction of its own: whatever comes of it is taken back, and the message stays. On \
                SQLite no server may run: ask it over HTTP instead. Exits 1 if something was refused.
                """)

        @OptionGroup var options: ConfigurationOptions
        @OptionGroup var deed: DeedOptions

        func run() async throws { try await deed.perform(.discard, options) }
    }

    /// Gives other data.
    struct Edit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Give one that cannot be read the data that it should have.",
            discussion: """
                Id, type, source, order and time stay, and the data may not contradict what is known of the order. It stays parked: \
                replay it then. On SQLite no server may run: ask it over HTTP instead. Exits 1 if it was refused.
                """)

        @OptionGroup var options: ConfigurationOptions

        @Argument(help: "The message's id.")
        var id: String

        @Option(name: .long, help: "A file with the event's fields as a JSON object; - for standard input.")
        var data: String?

        @Flag(
            name: .long,
            help: "Instead of --data: the fields that it must have had, as purchase dead-letters show has them.")
        var known = false

        @Option(name: .long, help: "The version of the fields' schema, if it was wrong.")
        var schemaVersion: Int?

        @Option(name: .long, help: "Why; 1 to 500 characters. It is audited.")
        var reason: String

        @Flag(name: .long, help: "Only say what would be done, and what a replay is expected to do then.")
        var dryRun = false

        @Flag(name: .long, help: "Print JSON.")
        var json = false

        func validate() throws {
            try checkID(id)
            try checkReason(reason)
            guard (data != nil) != known else { throw ValidationError("Give either --data or --known.") }
            if known, schemaVersion != nil { throw ValidationError("--known has its own version.") }
            if let schemaVersion, !(1...1000).contains(schemaVersion) {
                throw ValidationError("--schema-version takes 1 to 1000.")
            }
        }

        func run() async throws {
            guard let uuid = UUID(uuidString: id) else { throw ExitCode(1) }
            let configuration = try await options.load()
            let (bytes, version) = try await fields(of: uuid, configuration)
            if dryRun {
                let item = try await refusing {
                    try await DeadLetterUpkeep.planEdit(configuration, uuid, data: bytes, version: version)
                }
                return json ? try printJSON(item) : PlanLines.write(item)
            }
            let operation = try await refusing {
                try await DeadLetterUpkeep.edit(
                    configuration, uuid, data: bytes, version: version, reason: reason)
            }
            if json { try printJSON(operation) } else { OperationLines.write(operation) }
        }

        private func fields(of letter: UUID, _ configuration: PurchaseConfiguration) async throws -> (Data, Int?) {
            if let data { return (try Self.read(data), schemaVersion) }
            guard let known = try await failing({ try await DeadLetterUpkeep.known(configuration, letter) }) else {
                complain("purchase: nobody knows what \(id) must have said, it can be read, or it is not there")
                throw ExitCode(1)
            }
            return known
        }

        private static func read(_ data: String) throws -> Data {
            if data == "-" { return FileHandle.standardInput.readDataToEndOfFile() }
            do { return try Data(contentsOf: URL(fileURLWithPath: data)) } catch {
                complain("purchase: '\(data)' cannot be read")
                throw ExitCode(1)
            }
        }
    }
}

/// Sends an order's events again.
struct Resync: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Send again what there is of an order.",
        discussion: """
            Safe, as often as one likes: whoever gets an event twice does nothing. What came of it: purchase dead-letters outcome. On \
            SQLite no server may run, save for --dry-run: ask it over HTTP instead. Exits 1 if there is no such order.
            """)

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "The order's id.")
    var order: String

    @Option(name: .long, help: "Why; 1 to 500 characters. It is audited.")
    var reason: String

    @Flag(name: .long, help: "Only say what would be sent again.")
    var dryRun = false

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    private struct Held: Encodable {
        let type: String
        let source: String
    }

    func validate() throws {
        try checkID(order)
        try checkReason(reason)
    }

    func run() async throws {
        guard let id = OrderID(order) else { throw ExitCode(1) }
        let configuration = try await options.load()
        if dryRun {
            let found = try await failing { try await DeadLetterUpkeep.planResync(configuration, id) }
            guard let found else { throw missing() }
            if json { return try printJSON(found.map { Held(type: $0.type, source: $0.source) }) }
            if found.isEmpty { return StandardOutput.write("nothing: the order is settled") }
            for event in found { StandardOutput.write("\(event.source)  \(event.type)") }
            return
        }
        let found = try await failing { try await DeadLetterUpkeep.resync(configuration, id, reason: reason) }
        guard let found else { throw missing() }
        if json { try printJSON(found) } else { OperationLines.write(found) }
    }

    private func missing() -> ExitCode {
        complain("purchase: there is no order \(order)")
        return ExitCode(1)
    }
}

/// As ``failing(_:)``; what is refused is said, with exit code 1.
private func refusing<Result>(_ body: () async throws -> Result) async throws -> Result {
    try await failing {
        do { return try await body() } catch let refused as DeadLetterUpkeep.Refused {
            complain("purchase: refused: \(refused.why)")
            throw ExitCode(1)
        }
    }
}

/// What would be done, for people.
private enum PlanLines {
    static func write(_ item: DeadLetterUpkeep.Planned) {
        let emits = item.emits.isEmpty ? "" : ", would emit \(item.emits.joined(separator: ", "))"
        let effect = item.effect.map { "would be \($0)\(emits)" } ?? "cannot be delivered"
        let fault = item.fault.map { ": \($0)" } ?? ""
        let refused = item.refused.map { "; REFUSED, \($0)" } ?? ""
        StandardOutput.write(
            "\(item.letter.id)  \(item.letter.consumer)  \(item.letter.type)  \(effect)\(fault)\(refused)")
    }
}
