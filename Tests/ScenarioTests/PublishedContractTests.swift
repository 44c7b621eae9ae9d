import Foundation
import PurchaseApp
import SagaChoreography
import SagaSQL
import Testing

/// What other teams rely on: docs/events.json.
@Suite struct PublishedContractTests {
    @Test func `the program keeps every published contract, and publishes everything`() throws {
        let comparison = ContractComparison(of: try StoredEvents.published(), with: try PurchaseSystem.events())
        let findings = comparison.findings.map(\.description)
        #expect(findings == [], "bash Scripts/check-docs.sh --write publishes what breaks nothing")
    }

    @Test func `a contract survives its file`() throws {
        let book = try PurchaseSystem.contracts(after: nil)
        #expect(try ContractBook(json: book.json()) == book)
    }

    /// A reaction of the real system.
    struct Part: Sendable, CustomTestStringConvertible {
        let service: ServiceID
        let reaction: ReactionID
        let event: EventType
        let undoes: [ReactionID]
        var testDescription: String { reaction.name }

        static let all: [Part] = ChoreographyGraph(PurchaseSystem.participants()).nodes.compactMap { node in
            node.consumes.map { Part(service: node.service, reaction: node.id, event: $0, undoes: node.undoes) }
        }
    }

    @Test(arguments: Part.all)
    func `a consumer or compensation that is removed is named`(part: Part) throws {
        let participants = PurchaseSystem.participants().map { participant in
            participant.service == part.service ? participant.without(part.reaction) : participant
        }
        let comparison = ContractComparison(
            of: ContractBook(try PurchaseSystem.events().map(\.contract)), with: try ProgramEvent.all(of: participants))
        let named = comparison.findings.filter(\.isBreaking).compactMap { finding -> String? in
            guard case .consumerRemoved(part.event, let consumer) = finding else { return nil }
            #expect(consumer.undoes == part.undoes.map(\.name).sorted())
            return consumer.reaction
        }
        let removed = comparison.findings.count { if case .consumerRemoved = $0 { true } else { false } }
        // An event that nobody else emits or consumes goes with its only reaction.
        let isGone = comparison.findings.contains(.eventRemoved(part.event))
        #expect(named == [part.reaction.name] || isGone)
        #expect(removed == (isGone ? 0 : 1))
        #expect(throws: BrokenContracts.self) { try comparison.merged() }
        let text = comparison.findings.map(\.description).joined(separator: "\n")
        #expect(text.contains(part.event.name))
    }

    @Test(arguments: try PurchaseSystem.events().map(\.contract.type))
    func `a required field that is removed is named, and without it nothing is read`(type: EventType) throws {
        let event = try #require(try PurchaseSystem.events().first { $0.contract.type == type })
        let book = ContractBook([event.contract])
        let version = ContractBook.Version(type, event.contract.version)
        let paths = event.contract.schema.requiredPaths
        #expect(!paths.isEmpty)
        for path in paths {
            var changed = event.contract.schema
            changed.remove(path[...])
            let program = ContractBook([event.contract.with(changed)])
            let findings = ContractComparison(of: book, with: program) { _ in nil }.findings
            let place = ContractFinding.Place(
                version: version, path: path.joined(separator: ".").replacing(".[]", with: "[]"))
            #expect(findings == [.fieldRemoved(place, wasRequired: true)])
            #expect(findings.first?.description.contains("\(type) v\(version.number): field '\(place.path)'") == true)

            let less = try JSONPath.removing(path[...], from: event.example.data)
            #expect(throws: SagaFault.self, "\(place) is not needed to read it") {
                try event.read(event.example.with(less))
            }
        }
    }

    @Test(arguments: try PurchaseSystem.events().map(\.contract.type))
    func `an optional field may be left out or null, and what is unknown is passed over`(type: EventType) throws {
        let event = try #require(try PurchaseSystem.events().first { $0.contract.type == type })
        #expect(try event.contract.schema.violations(in: event.example.data) == [])
        for path in event.contract.schema.optionalPaths {
            try event.read(event.example.with(JSONPath.removing(path[...], from: event.example.data)))
            try event.read(
                event.example.with(JSONPath.setting(path[...], to: NSNull(), in: event.example.data)))
        }
        let more = try JSONPath.setting(["aFieldOfLater"], to: ["is": [1, 2]], in: event.example.data)
        try event.read(event.example.with(more))
    }

    @Test(arguments: ["en", "ko"])
    func `the guide has words for everything`(language: String) throws {
        let guide = try EventGuide(in: language == "ko" ? .ko : .en).markdown()
        for type in try PurchaseSystem.events().map(\.contract.type) { #expect(guide.contains("### `\(type)`")) }
    }
}
