import FoundationEssentials

/// A value that writes and reads its own JSON, without the general coder.
///
/// For what crosses every hop of a saga: the general coder of Foundation costs tens of microseconds for a payload of half a
/// kilobyte, which is more than the SQL statements of the step. What is written is the same JSON that `Codable` would write, so
/// either can read the other's; a payload that the direct reader does not understand is given to the general one, which
/// also says what is wrong with it.
public protocol DirectJSON: Codable {
    /// Writes the value's JSON.
    func write(to json: inout JSONWriter)

    /// Reads the value; fields that it does not know are skipped, in any order.
    ///
    /// - Throws: ``JSONSurprise`` for anything else than plainly written JSON of this shape.
    init(from json: inout JSONReader) throws(JSONSurprise)
}

/// Something that the direct reader does not handle: the general decoder decides.
public struct JSONSurprise: Error, Sendable {
    /// A surprise; it has no further detail, because the general decoder names it.
    public init() {}
}

extension DirectJSON {
    /// The value's JSON.
    public func directJSON() -> Data {
        var writer = JSONWriter()
        write(to: &writer)
        return Data(writer.bytes)
    }

    /// Reads a whole document.
    ///
    /// - Throws: `DecodingError` as the general decoder would.
    public init(json data: Data) throws {
        let direct: Self? = data.withUnsafeBytes { bytes in
            var reader = JSONReader(bytes.bindMemory(to: UInt8.self))
            do throws(JSONSurprise) {
                let value = try Self(from: &reader)
                try reader.end()
                return value
            } catch {
                return nil
            }
        }
        self = try direct ?? JSONDecoder().decode(Self.self, from: data)
    }
}
