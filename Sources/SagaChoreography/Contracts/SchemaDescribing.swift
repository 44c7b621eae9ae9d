/// A value whose `Codable` form says less than it is: it says itself what its JSON looks like.
public protocol SchemaDescribing: Decodable {
    /// What its JSON looks like.
    static var dataSchema: DataSchema { get }

    /// A value for examples.
    static var example: Self { get }
}

/// An object that says more of its fields than their types do.
public protocol FieldsDescribing {
    /// By name; a field without a note is just what its type says.
    static var fieldNotes: [String: FieldNote] { get }
}

/// What is known of a field beyond its type.
public struct FieldNote: Sendable {
    /// The least number that is ever written.
    public var minimum: Int64?
    /// The greatest number that is ever written.
    public var maximum: Int64?
    /// The number in examples.
    public var number: Int64?
    /// The text in examples.
    public var text: String?

    /// Takes what its properties say.
    public init(minimum: Int64? = nil, maximum: Int64? = nil, number: Int64? = nil, text: String? = nil) {
        self.minimum = minimum
        self.maximum = maximum
        self.number = number
        self.text = text
    }
}

extension Timestamp: SchemaDescribing {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public static var dataSchema: DataSchema {
        var schema = DataSchema(.integer)
        schema.unit = "ms since 1970-01-01T00:00:00Z"
        return schema
    }

    /// The beginning of 2026.
    public static var example: Timestamp { Timestamp(milliseconds: 1_767_225_600_000) }
}
