import FoundationEssentials

/// Finds out what a type reads by letting it read: each field that it asks for is noted, and answered with an example. So the schema is
/// that of the code that decodes, whoever wrote it.
enum SchemaProbe {
    /// What a type reads, and a value of it.
    struct Found<Value> {
        let schema: DataSchema
        let example: Value
    }

    /// - Throws: what the type's `init(from:)` throws when it does not like the examples: give it a ``FieldNote``, or make it
    ///   ``SchemaDescribing``.
    static func find<Value: Decodable>(_ type: Value.Type, note: FieldNote? = nil) throws -> Found<Value> {
        var found = try unlimited(type, note: note)
        if let note {
            found.schema.minimum = note.minimum ?? found.schema.minimum
            found.schema.maximum = note.maximum ?? found.schema.maximum
        }
        return Found(schema: found.schema, example: found.example)
    }

    private static func unlimited<Value: Decodable>(
        _ type: Value.Type, note: FieldNote?
    ) throws -> (schema: DataSchema, example: Value) {
        if let plain = plain(type, note: note) { return plain }
        // A number of a kind of its own is read from the example that the note has; everything else knows one itself.
        if let describing = type as? any SchemaDescribing.Type {
            let schema = describing.dataSchema
            if note?.number == nil, note?.text == nil, let example = describing.example as? Value {
                return (schema, example)
            }
            return (schema, try Value(from: ProbeDecoder(note: note)))
        }
        if let cases = cases(of: type) { return cases }
        let decoder = ProbeDecoder(
            note: note, fieldNotes: (type as? any FieldsDescribing.Type)?.fieldNotes ?? [:])
        let example = try Value(from: decoder)
        var schema = decoder.seen.schema
        if schema.kind == .object, schema.values.isEmpty { schema.title = name(of: type) }
        return (schema, example)
    }

    /// Strings, numbers and the like.
    private static func plain<Value>(_ type: Value.Type, note: FieldNote?) -> (schema: DataSchema, example: Value)? {
        let number = note?.number ?? max(1, note?.minimum ?? 1)
        let found: (DataSchema, Any)? =
            switch type {
            case is String.Type: (DataSchema(.string), note?.text ?? "text")
            case is Int64.Type: (DataSchema(.integer), number)
            case is Int.Type: (DataSchema(.integer), Int(number))
            case is Bool.Type: (DataSchema(.boolean), true)
            case is Double.Type: (DataSchema(.number), Double(number))
            case is UUID.Type: (.uuid, ExampleID.make("event"))
            default: nil
            }
        return found.flatMap { schema, value in (value as? Value).map { (schema, $0) } }
    }

    /// An enumeration of strings.
    private static func cases<Value>(of type: Value.Type) -> (schema: DataSchema, example: Value)? {
        guard let iterable = type as? any CaseIterable.Type else { return nil }
        func all<Cases: CaseIterable>(_: Cases.Type) -> [Any] { Array(Cases.allCases) }
        let values = all(iterable)
        let known = values.compactMap { ($0 as? any RawRepresentable)?.rawValue as? String }
        guard !known.isEmpty, known.count == values.count, let first = values.first as? Value else { return nil }
        var schema = DataSchema(.string)
        schema.known = known.sorted()
        return (schema, first)
    }

    /// The type's name without its module's, such as `CouponIssued.Copy`.
    private static func name(of type: Any.Type) -> String {
        String(reflecting: type).split(separator: ".").dropFirst().filter { !$0.hasPrefix("(") }.joined(separator: ".")
    }
}

/// Ids for examples: always the same one for the same word, of the form of UUIDv7.
public enum ExampleID {
    /// The id of 2026-01-01 that `word` gives, by FNV-1a (G. Fowler, L. C. Noll, K.-P. Vo).
    public static func make(_ word: String) -> UUID {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in word.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        func byte(_ place: UInt64) -> UInt8 { UInt8(truncatingIfNeeded: hash >> (place * 8)) }
        return UUID(
            uuid: (
                0x01, 0x9b, 0x76, 0xda, 0xa8, 0x00, 0x70 | (byte(0) & 0x0f), byte(1), 0x80 | (byte(2) & 0x3f), byte(3),
                byte(4), byte(5), byte(6), byte(7), byte(0), byte(1)
            ))
    }
}
