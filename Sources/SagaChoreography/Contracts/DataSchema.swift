/// What the JSON of a value must look like, in the words of JSON Schema 2020-12; as much of it as events need.
public struct DataSchema: Sendable, Hashable {
    /// The kinds of JSON values.
    public enum Kind: String, Sendable, Hashable, Codable {
        case string, integer, number, boolean, object, array
    }

    /// `nil` if the value is one of several shapes, see ``shapes``.
    public var kind: Kind?
    /// Whether `null` is taken for a value that is left out.
    public var isNullable = false
    /// The name of the Swift type that an object is, for readers; it means nothing to a comparison.
    public var title: String?
    /// What is counted, for readers, such as `minor units of the currency`.
    public var unit: String?
    /// The format of a string, such as `uuid`.
    public var format: String?
    /// A regular expression that a string matches.
    public var pattern: String?
    /// The strings that there are; `nil`: any. Newer programs may have more.
    public var known: [String]?
    /// Strings as they may be.
    public var examples: [String]?
    /// The least number.
    public var minimum: Int64?
    /// The greatest number.
    public var maximum: Int64?
    /// The fields of an object.
    public var fields: [String: DataSchema]?
    /// The fields that an object always has.
    public var required: Set<String> = []
    /// What each value of an object with keys of any text is; at most one.
    public var values: [DataSchema] = []
    /// What each element of an array is; at most one.
    public var elements: [DataSchema] = []
    /// The shapes of which the value has exactly one.
    public var shapes: [DataSchema] = []

    /// A schema that says no more than the kind of value.
    public init(_ kind: Kind?) { self.kind = kind }

    /// A UUID in its canonical form.
    public static let uuid: DataSchema = {
        var schema = DataSchema(.string)
        schema.format = "uuid"
        return schema
    }()

    /// An object of these fields, all required.
    public static func object(_ fields: [String: DataSchema], title: String? = nil) -> DataSchema {
        var schema = DataSchema(.object)
        schema.fields = fields
        schema.required = Set(fields.keys)
        schema.title = title
        return schema
    }
}

extension DataSchema: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind = "type"
        case title, format, pattern
        case known = "enum"
        case examples, minimum, maximum
        case fields = "properties"
        case required
        case values = "additionalProperties"
        case elements = "items"
        case shapes = "oneOf"
        case unit = "x-unit"
    }

    /// The keyword `type`: one kind, or one and `null`.
    private enum TypeKeyword: Codable {
        case one(String)
        case several([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            do { self = .one(try container.decode(String.self)) } catch is DecodingError {
                self = .several(try container.decode([String].self))
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            switch self {
            case .one(let name): try container.encode(name)
            case .several(let names): try container.encode(names)
            }
        }

        var names: [String] {
            switch self {
            case .one(let name): [name]
            case .several(let names): names
            }
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        let names = try container.decodeIfPresent(TypeKeyword.self, forKey: .kind)?.names ?? []
        let kinds = names.filter { $0 != "null" }
        guard kinds.count <= 1 else {
            throw DecodingError.dataCorruptedError(forKey: .kind, in: container, debugDescription: "several types")
        }
        kind = try kinds.first.map { name in
            guard let kind = Kind(rawValue: name) else {
                throw DecodingError.dataCorruptedError(forKey: .kind, in: container, debugDescription: "type \(name)")
            }
            return kind
        }
        isNullable = names.contains("null")
        title = try container.decodeIfPresent(String.self, forKey: .title)
        unit = try container.decodeIfPresent(String.self, forKey: .unit)
        format = try container.decodeIfPresent(String.self, forKey: .format)
        pattern = try container.decodeIfPresent(String.self, forKey: .pattern)
        known = try container.decodeIfPresent([String?].self, forKey: .known)?.compactMap { $0 }
        examples = try container.decodeIfPresent([String].self, forKey: .examples)
        minimum = try container.decodeIfPresent(Int64.self, forKey: .minimum)
        maximum = try container.decodeIfPresent(Int64.self, forKey: .maximum)
        fields = try container.decodeIfPresent([String: DataSchema].self, forKey: .fields)
        required = Set(try container.decodeIfPresent([String].self, forKey: .required) ?? [])
        values = try container.decodeIfPresent(DataSchema.self, forKey: .values).map { [$0] } ?? []
        elements = try container.decodeIfPresent(DataSchema.self, forKey: .elements).map { [$0] } ?? []
        shapes = try container.decodeIfPresent([DataSchema].self, forKey: .shapes) ?? []
        // A shape that may be `null` is one more shape in JSON Schema.
        if shapes.contains(where: \.isNull) {
            shapes.removeAll(where: \.isNull)
            isNullable = true
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let kind {
            try container.encode(
                isNullable ? TypeKeyword.several([kind.rawValue, "null"]) : .one(kind.rawValue), forKey: .kind)
        } else if isNullable, shapes.isEmpty {
            try container.encode(TypeKeyword.one("null"), forKey: .kind)
        }
        try container.encodeIfPresent(title, forKey: .title)
        try container.encodeIfPresent(unit, forKey: .unit)
        try container.encodeIfPresent(format, forKey: .format)
        try container.encodeIfPresent(pattern, forKey: .pattern)
        try container.encodeIfPresent(known.map { $0 + (isNullable ? [nil] : []) as [String?] }, forKey: .known)
        try container.encodeIfPresent(examples, forKey: .examples)
        try container.encodeIfPresent(minimum, forKey: .minimum)
        try container.encodeIfPresent(maximum, forKey: .maximum)
        try container.encodeIfPresent(fields, forKey: .fields)
        if !required.isEmpty { try container.encode(required.sorted(), forKey: .required) }
        try container.encodeIfPresent(values.first, forKey: .values)
        try container.encodeIfPresent(elements.first, forKey: .elements)
        guard !shapes.isEmpty else { return }
        try container.encode(isNullable ? shapes + [.null] : shapes, forKey: .shapes)
    }

    private static let null: DataSchema = {
        var schema = DataSchema(nil)
        schema.isNullable = true
        return schema
    }()

    private var isNull: Bool { kind == nil && isNullable && shapes.isEmpty }
}
