import ArgumentParser
import PurchaseAPI
import PurchaseApp

struct API: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "api",
        abstract: "Print the HTTP API: every path with its role, what it takes and what it answers.",
        discussion:
            "Made from the routes that are served, so it is what runs. A running server has it at /openapi.json.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case openapi, table }

    @Option(name: .long, help: "openapi (JSON, OpenAPI 3.1) or table (Markdown).")
    var format = Format.openapi

    @Option(name: .long, help: "The language of the table: en or ko.")
    var language = Language.en

    func run() async throws {
        let api = try await failing { try await PurchaseComposition.describedAPI() }
        StandardOutput.write(format == .openapi ? api.openAPI : api.routeTable(in: language))
    }
}

extension Language: ExpressibleByArgument {}
