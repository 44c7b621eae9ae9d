/// Answers whatever a type asks for, and notes what it asked.
final class ProbeDecoder: Decoder {
    /// What was asked for so far.
    final class Seen {
        var schema = DataSchema(nil)
    }

    let codingPath: [any CodingKey]
    let userInfo: [CodingUserInfoKey: Any] = [:]
    let seen = Seen()
    let note: FieldNote?
    let fieldNotes: [String: FieldNote]

    init(note: FieldNote? = nil, fieldNotes: [String: FieldNote] = [:], path: [any CodingKey] = []) {
        self.note = note
        self.fieldNotes = fieldNotes
        codingPath = path
    }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        seen.schema.kind = .object
        return KeyedDecodingContainer(ProbedFields(decoder: self))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        seen.schema.kind = .array
        return ProbedElements(decoder: self)
    }

    func singleValueContainer() throws -> any SingleValueDecodingContainer { ProbedValue(decoder: self) }
}

/// The fields of an object.
private struct ProbedFields<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let decoder: ProbeDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    /// Whoever asks which keys there are has keys of any text: one stands for all.
    var allKeys: [Key] {
        decoder.seen.schema.values = [DataSchema(nil)]
        return Key(stringValue: "available").map { [$0] } ?? []
    }

    func contains(_ key: Key) -> Bool { true }

    private func note<T: Decodable>(_ type: T.Type, _ key: Key, isRequired: Bool) throws -> T {
        let name = key.stringValue
        let found = try SchemaProbe.find(type, note: decoder.fieldNotes[name])
        if !decoder.seen.schema.values.isEmpty {
            decoder.seen.schema.values = [found.schema]
            return found.example
        }
        var schema = found.schema
        schema.isNullable = !isRequired
        decoder.seen.schema.fields = (decoder.seen.schema.fields ?? [:]).merging([name: schema]) { _, new in new }
        if isRequired { decoder.seen.schema.required.insert(name) }
        return found.example
    }

    func decodeNil(forKey key: Key) throws -> Bool { false }
    func decode<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T {
        try note(type, key, isRequired: true)
    }
    func decodeIfPresent<T: Decodable>(_ type: T.Type, forKey key: Key) throws -> T? {
        try note(type, key, isRequired: false)
    }
    // The plain types have calls of their own, for which the standard library has other defaults.
    func decodeIfPresent(_ type: String.Type, forKey key: Key) throws -> String? {
        try note(type, key, isRequired: false)
    }
    func decodeIfPresent(_ type: Bool.Type, forKey key: Key) throws -> Bool? { try note(type, key, isRequired: false) }
    func decodeIfPresent(_ type: Int.Type, forKey key: Key) throws -> Int? { try note(type, key, isRequired: false) }
    func decodeIfPresent(_ type: Int64.Type, forKey key: Key) throws -> Int64? {
        try note(type, key, isRequired: false)
    }
    func decodeIfPresent(_ type: Double.Type, forKey key: Key) throws -> Double? {
        try note(type, key, isRequired: false)
    }

    func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type, forKey key: Key) throws
        -> KeyedDecodingContainer<Nested>
    { throw Unprobed.describe(codingPath + [key]) }
    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        throw Unprobed.describe(codingPath + [key])
    }
    func superDecoder() throws -> any Decoder { throw Unprobed.describe(codingPath) }
    func superDecoder(forKey key: Key) throws -> any Decoder { throw Unprobed.describe(codingPath + [key]) }
}

/// The elements of an array: one stands for all.
private struct ProbedElements: UnkeyedDecodingContainer {
    let decoder: ProbeDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }
    var count: Int? { 1 }
    private(set) var currentIndex = 0
    var isAtEnd: Bool { currentIndex > 0 }

    init(decoder: ProbeDecoder) { self.decoder = decoder }

    mutating func decodeNil() throws -> Bool { false }
    mutating func decode<T: Decodable>(_ type: T.Type) throws -> T {
        currentIndex += 1
        let found = try SchemaProbe.find(type)
        decoder.seen.schema.elements = [found.schema]
        return found.example
    }
    mutating func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) throws
        -> KeyedDecodingContainer<Nested>
    { throw Unprobed.describe(codingPath) }
    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer {
        throw Unprobed.describe(codingPath)
    }
    mutating func superDecoder() throws -> any Decoder { throw Unprobed.describe(codingPath) }
}

/// A value that is read as another one.
private struct ProbedValue: SingleValueDecodingContainer {
    let decoder: ProbeDecoder
    var codingPath: [any CodingKey] { decoder.codingPath }

    func decodeNil() -> Bool { false }
    func decode<T: Decodable>(_ type: T.Type) throws -> T {
        let found = try SchemaProbe.find(type, note: decoder.note)
        decoder.seen.schema = found.schema
        return found.example
    }
}

/// A type that reads in a way that cannot be followed: it has to be ``SchemaDescribing``.
private enum Unprobed {
    static func describe(_ path: [any CodingKey]) -> DecodingError {
        .dataCorrupted(
            .init(
                codingPath: path,
                debugDescription: "cannot be followed: let the type conform to SchemaDescribing"))
    }
}
