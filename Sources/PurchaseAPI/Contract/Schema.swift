import PurchaseContracts

/// A JSON Schema (2020-12) of something that is read or answered.
///
/// What has a name is written once, under `components`, and referred to elsewhere.
struct Schema: Sendable, Equatable {
    /// The schema as it stands where it is used: a reference, if it has a name.
    let json: JSONValue
    /// The named schemas behind it, by name.
    let components: [String: JSONValue]

    init(_ members: [String: JSONValue], components: [String: JSONValue] = [:]) {
        json = .object(members)
        self.components = components
    }

    private init(reference name: String, components: [String: JSONValue]) {
        json = ["$ref": .string("#/components/schemas/\(name)")]
        self.components = components
    }

    /// The same under a name.
    func named(_ name: String) -> Schema {
        Schema(reference: name, components: components.merging([name: json]) { _, new in new })
    }
}

extension Schema {
    static let anything = Schema([:])
    static let bool = Schema(["type": "boolean"])
    static let id = Schema(["type": "string", "format": "uuid"])
    /// ISO 8601, UTC, milliseconds.
    static let time = Schema(["type": "string", "format": "date-time"])
    static let string = Schema(["type": "string"])
    /// An event of a stream of server-sent events, as a reader of such streams gives it.
    static let serverSentEvent = Schema([
        "type": "object",
        "properties": ["id": ["type": "string"], "event": ["type": "string"], "data": ["type": "string"]],
    ])
    static let integer = Schema(["type": "integer", "format": "int64"])
    static let number = Schema(["type": "number"])
    /// ISO 4217.
    static let currency = Schema(["type": "string", "pattern": "^[A-Z]{3}$"])
    /// In the currency's minor unit.
    static let amount = Schema(["type": "integer", "format": "int64", "minimum": 0])
    static let count = Schema(["type": "integer", "format": "int64", "minimum": 0])

    static func integer(_ range: ClosedRange<Int64>) -> Schema {
        Schema([
            "type": "integer", "format": "int64", "minimum": .number("\(range.lowerBound)"),
            "maximum": .number("\(range.upperBound)"),
        ])
    }

    static func choice(_ values: [String]) -> Schema {
        Schema(["type": "string", "enum": .array(values.map { .string($0) })])
    }

    static func choice<Value: CaseIterable & RawRepresentable>(_ type: Value.Type) -> Schema
    where Value.RawValue == String { choice(type.allCases.map(\.rawValue)) }

    static func constant(_ value: JSONValue) -> Schema { Schema(["const": value]) }

    static func array(of element: Schema, count: ClosedRange<Int>? = nil) -> Schema {
        var members: [String: JSONValue] = ["type": "array", "items": element.json]
        if let count {
            members["minItems"] = .number("\(count.lowerBound)")
            members["maxItems"] = .number("\(count.upperBound)")
        }
        return Schema(members, components: element.components)
    }

    /// An object whose member names are data.
    static func map(of value: Schema) -> Schema {
        Schema(["type": "object", "additionalProperties": value.json], components: value.components)
    }

    /// One of several; `null` is ``orNull``.
    static func any(of schemas: [Schema]) -> Schema {
        Schema(
            ["anyOf": .array(schemas.map(\.json))],
            components: schemas.reduce(into: [:]) { $0.merge($1.components) { _, new in new } })
    }

    /// The same, or null.
    var orNull: Schema { .any(of: [self, Schema(["type": "null"])]) }
}

extension Schema {
    /// A member of an object that is answered.
    struct Property: Sendable {
        let name: String
        let schema: Schema
        let isRequired: Bool

        static func required(_ name: String, _ schema: Schema) -> Property {
            Property(name: name, schema: schema, isRequired: true)
        }

        /// A member that may be missing; it is never null.
        static func optional(_ name: String, _ schema: Schema) -> Property {
            Property(name: name, schema: schema, isRequired: false)
        }
    }

    /// An object that is answered: these members and no others.
    static func object(_ name: String, _ properties: [Property]) -> Schema {
        object(properties, allowsOthers: false).named(name)
    }

    /// An object with these members; nameless.
    static func object(_ properties: [Property], allowsOthers: Bool) -> Schema {
        var members: [String: JSONValue] = [
            "type": "object",
            "properties": .object(Dictionary(uniqueKeysWithValues: properties.map { ($0.name, $0.schema.json) })),
        ]
        let required = properties.filter(\.isRequired).map { JSONValue.string($0.name) }
        if !required.isEmpty { members["required"] = .array(required) }
        if !allowsOthers { members["additionalProperties"] = false }
        return Schema(
            members, components: properties.reduce(into: [:]) { $0.merge($1.schema.components) { _, new in new } })
    }
}

/// Something that is answered, and says how it looks. That it looks so is checked wherever a test asks for it.
protocol Described: Encodable {
    static var schema: Schema { get }
}
