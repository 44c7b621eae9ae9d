import ArgumentParser
import Foundation
import PurchaseAPI
import PurchaseApp
import SagaChoreography

struct Events: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the contract of every event: its versions, fields, who emits it and who reacts.",
        discussion: """
            Made from the types that are encoded and decoded. With --published, versions that were published before are kept, and what \
            would break whoever relies on them is refused: exit code 1, with the event, the version and the field.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case schema, guide }

    @Option(name: .long, help: "schema (JSON Schema 2020-12) or guide (Markdown).")
    var format = Format.schema

    @Option(name: .long, help: "The language of the guide: en or ko.")
    var language = Language.en

    @Option(name: .long, help: "The contracts that were published, a file that this command printed.")
    var published: String?

    func run() throws {
        switch format {
        case .guide: StandardOutput.write(try EventGuide(in: language).markdown())
        case .schema:
            let file = try published.map { try Data(contentsOf: URL(filePath: $0)) }
            do {
                let json = try PurchaseSystem.contracts(after: file).json()
                StandardOutput.write(String(decoding: json, as: UTF8.self))
            } catch let broken as BrokenContracts {
                for finding in broken.findings { complain("breaks what was published: \(finding)") }
                throw ExitCode(1)
            }
        }
    }
}
