import ArgumentParser
import PurchaseApp
import SagaChoreography

struct Graph: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the choreography: who emits what, who reacts to it.",
        discussion: "Derived from the services' types, so it is what runs. Exits 1 if the choreography is incomplete.")

    enum Format: String, ExpressibleByArgument, CaseIterable { case mermaid, table }

    @Option(name: .long, help: "mermaid (a flow chart) or table (Markdown).")
    var format = Format.mermaid

    @Flag(name: .long, help: "Print JSON: each event with who emits it and who reacts to it.")
    var json = false

    private struct Printed: Encodable {
        let event: String
        let emittedBy: [String]
        let consumedBy: [String]
    }

    func run() throws {
        let graph = ChoreographyGraph(PurchaseSystem.participants())
        if json {
            try printJSON(
                graph.events.map { event in
                    Printed(
                        event: event.name, emittedBy: graph.emitters(of: event).map(\.name),
                        consumedBy: graph.consumers(of: event).map(\.name))
                })
        } else {
            let text = format == .mermaid ? graph.mermaid : graph.table
            StandardOutput.write(String(text.dropLast()))
        }
        let findings = graph.findings
        for finding in findings { complain("incomplete: \(finding)") }
        if !findings.isEmpty { throw ExitCode(1) }
    }
}
