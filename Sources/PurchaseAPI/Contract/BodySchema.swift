/// The members of a body that is read.
struct BodySchema: Sendable {
    let name: String
    let properties: [Schema.Property]
    /// What happens to members that are not listed.
    let others: Others
    /// Rules between members, as JSON Schema keywords.
    let rules: [String: JSONValue]

    enum Others: Sendable {
        /// Clients of the original send what they like: on the paths that are kept, it is ignored.
        case ignored
        case refused
    }

    init(_ name: String, others: Others = .refused, rules: [String: JSONValue] = [:], _ properties: [Schema.Property]) {
        self.name = name
        self.others = others
        self.properties = properties
        self.rules = rules
    }

    var schema: Schema {
        let object = Schema.object(properties, allowsOthers: others == .ignored)
        guard case .object(let members) = object.json else { return object }
        return Schema(members.merging(rules) { _, rule in rule }, components: object.components).named(name)
    }

    func knows(_ name: String) -> Bool { properties.contains { $0.name == name } }
}

/// An array of objects in a body.
struct ObjectsField: Sendable {
    let name: String
    let count: ClosedRange<Int>
    let element: BodySchema
    var isRequired = true

    var property: Schema.Property {
        Schema.Property(name: name, schema: .array(of: element.schema, count: count), isRequired: isRequired)
    }
}
