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

    func run() throws {
        let graph = ChoreographyGraph(PurchaseSystem.participants())
        let text = format == .mermaid ? graph.mermaid : graph.table
        StandardOutput.write(String(text.dropLast()))
        let findings = graph.findings
        for finding in findings { complain("incomplete: \(finding)") }
        if !findings.isEmpty { throw ExitCode(1) }
    }
}
