import FoundationEssentials

/// A BSON document, its fields in order (https://bsonspec.org). The library gets and gives bytes: its own structures ask for an
/// alignment that Swift does not give.
struct BSONDocument: Hashable, Sendable, ExpressibleByDictionaryLiteral {
    /// A name holds no NUL; names come from the code.
    struct Field: Hashable, Sendable {
        var name: String
        var value: BSONValue
    }

    private(set) var fields: [Field]

    init(_ fields: [Field] = []) { self.fields = fields }

    init(dictionaryLiteral elements: (String, BSONValue)...) {
        fields = elements.map { Field(name: $0.0, value: $0.1) }
    }

    /// The first field of that name.
    subscript(_ name: String) -> BSONValue? { fields.first { $0.name == name }?.value }

    mutating func append(_ name: String, _ value: BSONValue) { fields.append(Field(name: name, value: value)) }

    /// Leaves out what is `nil`.
    mutating func append(_ name: String, _ value: BSONValue?) {
        if let value { fields.append(Field(name: name, value: value)) }
    }
}

/// The kinds of values that the audit trail stores and is answered with.
indirect enum BSONValue: Hashable, Sendable {
    case double(Double)
    case string(String)
    case document(BSONDocument)
    case array([BSONValue])
    case binary(Data)
    case uuid(UUID)
    case bool(Bool)
    case int32(Int32)
    case int64(Int64)
    /// What nobody here looks into: times of the cluster, object ids, null.
    case other(type: UInt8)

    /// A whole number, of whatever kind it is.
    var wholeNumber: Int64? {
        switch self {
        case .int32(let number): Int64(number)
        case .int64(let number): number
        case .double(let number): Int64(exactly: number)
        default: nil
        }
    }

    static func text(_ text: String?) -> BSONValue? { text.map { .string($0) } }
    static func id(_ id: UUID?) -> BSONValue? { id.map { .uuid($0) } }
}
