import ArgumentParser
import PurchaseAPI
import PurchaseApp
import PurchaseContracts

struct Explain: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what an order waits for, since when, and what to do.",
        discussion:
            "From the database alone, beside a running server or without one. Exits 1 if there is no such order.")

    @OptionGroup var options: ConfigurationOptions

    @Argument(help: "The order's id.")
    var order: String

    @Option(name: .long, help: "The language of the sentence: en or ko.")
    var language = Language.en

    @Flag(name: .long, help: "Print JSON.")
    var json = false

    func validate() throws {
        guard OrderID(order) != nil else { throw ValidationError("'\(order)' is not an order's id (a UUID).") }
    }

    func run() async throws {
        guard let id = OrderID(order) else { return }  // validate() has seen to it
        let configuration = try await options.load()
        let explanation = try await failing {
            try await OrderExplainer(
                OpenDatabases.openToRead(configuration).services, gateway: configuration.payment.gateway.book
            ).explain(id, in: language)
        }
        guard let explanation else {
            complain("purchase: there is no order \(id) in '\(configuration.database.name)'")
            throw ExitCode(1)
        }
        if json { return try printJSON(explanation) }
        Self.print(explanation)
    }

    private static func print(_ order: OrderExplanation) {
        let cause = order.cause.map { " (\($0))" } ?? ""
        StandardOutput.write("order \(order.order)  \(order.status)\(cause)")
        StandardOutput.write("ordered \(order.orderedAt), deadline \(order.deadline)")
        if let end = order.endedAt { StandardOutput.write("ended \(end)") }
        for step in order.happenings {
            let late =
                step.unhandledBy.isEmpty ? "" : "  not yet handled by \(step.unhandledBy.joined(separator: ", "))"
            StandardOutput.write("  \(step.at ?? "?")  \(step.service)  \(step.event)\(late)")
        }
        if order.happenings.isEmpty, order.isSettled {
            StandardOutput.write("  its events are deleted: every service has handled them")
        }
        for trouble in order.troubles {
            let next = trouble.retryAt.map { "tried again at \($0)" } ?? "given up"
            StandardOutput.write(
                "  trouble  \(trouble.service)  \(trouble.event): \(trouble.reason); \(trouble.attempts) attempts, \(next)"
            )
        }
        StandardOutput.write(order.verdict)
        if let advice = order.advice { StandardOutput.write(advice) }
    }
}
