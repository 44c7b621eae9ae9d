import FoundationEssentials

/// How everything that is answered is written as JSON.
enum JSONText {
    /// Keys are sorted, so that a repeated answer is the same to the byte.
    ///
    /// - Throws: what `value` throws while it is encoded.
    static func encode(_ value: some Encodable) throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(value)
    }
}
