import Foundation
import PurchaseAPI
import SagaChoreography

/// The guide to the events, made from the program: what docs/events.md has between its markers.
public struct EventGuide: Sendable {
    /// Wording that is missing, or that nothing needs.
    public struct IncompleteTexts: Error, CustomStringConvertible {
        public let missing: [String]
        public let superfluous: [String]

        public var description: String {
            (missing.map { "no text for \($0)" } + superfluous.map { "a text for \($0), which there is not" })
                .joined(separator: "\n")
        }
    }

    private let events: [ProgramEvent]
    private let services: [ServiceID]
    private let texts: EventTexts

    /// - Throws: as ``PurchaseSystem/events()``.
    public init(in language: Language) throws {
        events = try PurchaseSystem.events()
        services = PurchaseSystem.participants().filter { !$0.isObserver }.map(\.service)
        texts = EventTexts.texts(in: language)
    }

    /// Markdown: a part for each service with its events, then the objects that several events carry.
    ///
    /// - Throws: ``IncompleteTexts``; what the encoder throws.
    public func markdown() throws -> String {
        try checkTexts()
        var parts: [String] = []
        for service in services {
            let own = events.filter { $0.contract.emitters.first?.service == service.name }
            guard !own.isEmpty else { continue }
            parts.append("## \(service.name.prefix(1).uppercased())\(service.name.dropFirst())")
            parts += try own.map(section)
        }
        parts.append("## \(texts.words.parts)")
        for (title, schema) in objects.sorted(by: { $0.key < $1.key }) {
            parts.append("### \(title)\n\n" + table(of: schema, owner: title).joined(separator: "\n"))
        }
        return parts.joined(separator: "\n\n")
    }

    private func section(_ event: ProgramEvent) throws -> String {
        let contract = event.contract
        let words = texts.words
        var lines = ["### `\(contract.type)`", "", texts.events[contract.type.name] ?? "", ""]
        lines += ["| \(words.what) | |", "|---|---|"]
        let version = ContractBook.Version(contract.type, contract.version)
        lines.append("| \(words.version) | \(contract.version) (`\(version.uri)`) |")
        let emitters = contract.emitters.map { "`\($0.by)`" }.joined(separator: ", ")
        lines.append("| \(words.emittedBy) | \(contract.emitters.first?.service ?? ""): \(emitters) |")
        for consumer in contract.consumers {
            var said = ["`\(consumer.reaction)`"]
            if !consumer.answers.isEmpty {
                said.append("\(words.answers) \(consumer.answers.map { "`\($0)`" }.joined(separator: ", "))")
            }
            if !consumer.undoes.isEmpty {
                said.append("\(words.undoes) \(consumer.undoes.map { "`\($0)`" }.joined(separator: ", "))")
            }
            lines.append("| \(words.reacts): \(consumer.service) | \(said.joined(separator: "; ")) |")
        }
        if contract.consumers.isEmpty { lines.append("| \(words.reacts) | \(words.observers) |") }
        lines.append("")
        lines += table(of: contract.schema, owner: contract.schema.title ?? "")
        lines += ["", "<details><summary>\(words.example)</summary>", "", "```json"]
        lines += [try pretty(event.example), "```", "", "</details>"]
        return lines.joined(separator: "\n")
    }

    private func table(of schema: DataSchema, owner: String) -> [String] {
        let words = texts.words
        let rows = (schema.fields ?? [:]).sorted { $0.key < $1.key }.map { name, field in
            let presence = schema.required.contains(name) ? words.required : words.optional
            return
                "| `\(name)` | \(words.type(of: field)) | \(presence) | \(texts.meaning(of: name, in: owner) ?? "") |"
        }
        return ["| \(words.field) | \(words.type) | \(words.presence) | \(words.meaning) |", "|---|---|---|---|"] + rows
    }

    private func pretty(_ envelope: Envelope) throws -> String {
        let json = try JSONSerialization.jsonObject(with: envelope.cloudEvent())
        let data = try JSONSerialization.data(
            withJSONObject: json, options: [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    /// The objects inside of the events' data, by name.
    private var objects: [String: DataSchema] {
        var found: [String: DataSchema] = [:]
        func look(_ schema: DataSchema) {
            for part in (schema.fields ?? [:]).values.map({ $0 }) + schema.elements + schema.values {
                if let title = part.title { found[title] = part }
                look(part)
            }
        }
        for event in events { look(event.contract.schema) }
        return found
    }

    private func checkTexts() throws {
        let types = Set(events.map(\.contract.type.name))
        var missing = types.subtracting(texts.events.keys).map { "the event '\($0)'" }
        var superfluous = Set(texts.events.keys).subtracting(types).map { "the event '\($0)'" }
        var used: Set<String> = []
        let owners = events.map { ($0.contract.schema.title ?? "", $0.contract.schema) } + objects.map { ($0, $1) }
        for (owner, schema) in owners {
            for name in (schema.fields ?? [:]).keys {
                guard let key = texts.key(of: name, in: owner) else {
                    missing.append("the field '\(name)' of \(owner)")
                    continue
                }
                used.insert(key)
            }
        }
        superfluous += Set(texts.fields.keys).subtracting(used).map { "the field '\($0)'" }
        guard missing.isEmpty, superfluous.isEmpty else {
            throw IncompleteTexts(missing: missing.sorted(), superfluous: superfluous.sorted())
        }
    }
}
