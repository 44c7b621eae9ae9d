import PurchaseAPI
import SagaChoreography

/// The wording of the guide to the events, one file a language.
struct EventTexts: Sendable {
    /// When an event is emitted and what it says, by its wire name.
    let events: [String: String]
    /// What a field means: by `Object.field`, or by `field` where it means the same everywhere.
    let fields: [String: String]
    let words: Words

    /// The words of headings and tables.
    struct Words: Sendable {
        let what: String
        let version: String
        let emittedBy: String
        let reacts: String
        let answers: String
        let undoes: String
        let observers: String
        let example: String
        let parts: String
        let field: String
        let type: String
        let presence: String
        let meaning: String
        let required: String
        let optional: String
        let text: String
        let integer: String
        let flag: String
        /// `{}` stands for what the list has.
        let list: String
        /// `{}` stands for what the values are.
        let map: String
        let oneOf: String
        let atLeast: String
        /// Of the units, by the program's own words.
        let units: [String: String]
    }

    static func texts(in language: Language) -> EventTexts {
        switch language {
        case .en: english
        case .ko: korean
        }
    }

    func key(of field: String, in owner: String) -> String? {
        ["\(owner).\(field)", field].first { fields[$0] != nil }
    }

    func meaning(of field: String, in owner: String) -> String? { key(of: field, in: owner).flatMap { fields[$0] } }
}

extension EventTexts.Words {
    /// What a value is, in words.
    func type(of schema: DataSchema) -> String {
        if !schema.shapes.isEmpty {
            let shapes = schema.shapes.map { ($0.fields ?? [:]).keys.sorted().joined(separator: "+") }
            return "\(oneOf) \(shapes.map { "`\($0)`" }.joined(separator: ", "))"
        }
        if let element = schema.elements.first { return list.replacing("{}", with: type(of: element)) }
        if let value = schema.values.first { return map.replacing("{}", with: type(of: value)) }
        if let title = schema.title { return "[\(title)](#\(title.lowercased().filter { $0 != "." }))" }
        if schema.format == "uuid" { return "UUID" }
        if let known = schema.known { return "\(oneOf) \(known.map { "`\($0)`" }.joined(separator: ", "))" }
        switch schema.kind {
        case .boolean: return flag
        case .integer, .number:
            let unit = schema.unit.map { ", \(units[$0] ?? $0)" } ?? ""
            return integer + unit + (schema.minimum.map { ", " + atLeast.replacing("{}", with: "\($0)") } ?? "")
        default: return schema.pattern.map { "\(text) `\($0)`" } ?? text
        }
    }
}
