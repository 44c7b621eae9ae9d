import FoundationEssentials

/// Bytes that are no BSON document, or hold what no writer of ours and no answer has.
struct BSONMalformed: Error {
    let what: StaticString
}

extension BSONDocument {
    /// Reads what ``bytes`` wrote, and what a server answers.
    ///
    /// - Throws: ``BSONMalformed``.
    init(bytes: UnsafeRawBufferPointer) throws {
        var reader = BSONReader(bytes: bytes)
        self = try reader.document()
        guard reader.isAtEnd else { throw BSONMalformed(what: "something stands behind the document") }
    }
}

private struct BSONReader {
    let bytes: UnsafeRawBufferPointer
    private var offset = 0
    private var depth = 0

    /// MongoDB's own limit.
    private static let mostNested = 100

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func document() throws -> BSONDocument {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.mostNested else { throw BSONMalformed(what: "documents are nested too deeply") }
        let start = offset
        let length = Int(try littleEndian(Int32.self))
        guard length >= 5, length <= bytes.count - start else { throw BSONMalformed(what: "a wrong length") }
        var fields: [BSONDocument.Field] = []
        while true {
            let type = try take(1)[0]
            if type == 0 { break }
            let name = try name()
            fields.append(.init(name: name, value: try value(type)))
        }
        guard offset == start + length else { throw BSONMalformed(what: "a document ends elsewhere than it says") }
        return BSONDocument(fields)
    }

    private mutating func value(_ type: UInt8) throws -> BSONValue {
        switch type {
        case 0x01: return .double(Double(bitPattern: try littleEndian(UInt64.self)))
        case 0x02: return .string(try string())
        case 0x03: return .document(try document())
        case 0x04: return .array(try document().fields.map(\.value))
        case 0x05: return try binary()
        case 0x08: return .bool(try take(1)[0] != 0)
        case 0x10: return .int32(try littleEndian(Int32.self))
        case 0x12: return .int64(try littleEndian(Int64.self))
        // undefined, null, the least and the greatest key
        case 0x06, 0x0A, 0xFF, 0x7F: break
        // dates and times of the cluster
        case 0x09, 0x11: _ = try take(8)
        // an object id
        case 0x07: _ = try take(12)
        // a decimal number
        case 0x13: _ = try take(16)
        default: throw BSONMalformed(what: "a kind of value that is not known here")
        }
        return .other(type: type)
    }

    private mutating func string() throws -> String {
        let length = Int(try littleEndian(Int32.self))
        guard length >= 1 else { throw BSONMalformed(what: "a text's length is wrong") }
        let content = try take(length)
        guard content[length - 1] == 0 else { throw BSONMalformed(what: "a text has no end") }
        return try text(content.prefix(length - 1))
    }

    private mutating func binary() throws -> BSONValue {
        let length = Int(try littleEndian(Int32.self))
        let kind = try take(1)[0]
        let content = try take(length)
        guard kind == BSONValue.uuidBinary else { return .binary(Data(content)) }
        guard length == 16 else { throw BSONMalformed(what: "a UUID has another length than 16") }
        return .uuid(UUID(uuid: UnsafeRawBufferPointer(content).loadUnaligned(as: uuid_t.self)))
    }

    private mutating func name() throws -> String {
        guard let end = bytes[offset...].firstIndex(of: 0) else { throw BSONMalformed(what: "a name has no end") }
        defer { offset = end + 1 }
        return try text(bytes[offset..<end])
    }

    /// What is not UTF-8 is refused: repaired, it would read as something that nobody wrote.
    private func text(_ content: some Sequence<UInt8>) throws -> String {
        guard let text = String(validating: content, as: UTF8.self) else {
            throw BSONMalformed(what: "a text is not UTF-8")
        }
        return text
    }

    private mutating func littleEndian<Number: FixedWidthInteger>(_: Number.Type) throws -> Number {
        let content = try take(MemoryLayout<Number>.size)
        return Number(littleEndian: UnsafeRawBufferPointer(content).loadUnaligned(as: Number.self))
    }

    private mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - offset else { throw BSONMalformed(what: "it ends too early") }
        defer { offset += count }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
    }
}
