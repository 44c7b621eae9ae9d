import FoundationEssentials

extension BSONDocument {
    /// As it is sent.
    var bytes: [UInt8] {
        var writer = BSONWriter()
        writer.add(self)
        return writer.bytes
    }
}

/// Writes documents one into the other; each tells its length first.
private struct BSONWriter {
    private(set) var bytes: [UInt8] = []

    mutating func add(_ document: BSONDocument) {
        nested { writer in
            for field in document.fields { writer.add(field.name, field.value) }
        }
    }

    private mutating func add(_ elements: [BSONValue]) {
        nested { writer in
            for (index, element) in elements.enumerated() { writer.add(String(index), element) }
        }
    }

    private mutating func nested(_ body: (inout BSONWriter) -> Void) {
        let start = bytes.count
        addLittleEndian(Int32(0))
        body(&self)
        bytes.append(0)
        withUnsafeBytes(of: Int32(bytes.count - start).littleEndian) { length in
            bytes.replaceSubrange(start..<(start + 4), with: length)
        }
    }

    private mutating func add(_ name: String, _ value: BSONValue) {
        bytes.append(value.type)
        bytes.append(contentsOf: name.utf8)
        bytes.append(0)
        switch value {
        case .double(let number): addLittleEndian(number.bitPattern)
        case .string(let text):
            addLittleEndian(Int32(text.utf8.count + 1))
            bytes.append(contentsOf: text.utf8)
            bytes.append(0)
        case .document(let document): add(document)
        case .array(let elements): add(elements)
        case .binary(let data):
            addLittleEndian(Int32(data.count))
            bytes.append(BSONValue.plainBinary)
            bytes.append(contentsOf: data)
        case .uuid(let id):
            addLittleEndian(Int32(16))
            bytes.append(BSONValue.uuidBinary)
            withUnsafeBytes(of: id.uuid) { bytes.append(contentsOf: $0) }
        case .bool(let isTrue): bytes.append(isTrue ? 1 : 0)
        case .int32(let number): addLittleEndian(number)
        case .int64(let number): addLittleEndian(number)
        case .other: preconditionFailure("what was not looked into is not written")
        }
    }

    private mutating func addLittleEndian(_ number: some FixedWidthInteger) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }
}

extension BSONValue {
    static let plainBinary: UInt8 = 0
    static let uuidBinary: UInt8 = 4

    fileprivate var type: UInt8 {
        switch self {
        case .double: 0x01
        case .string: 0x02
        case .document: 0x03
        case .array: 0x04
        case .binary, .uuid: 0x05
        case .bool: 0x08
        case .int32: 0x10
        case .int64: 0x12
        case .other(let type): type
        }
    }
}
