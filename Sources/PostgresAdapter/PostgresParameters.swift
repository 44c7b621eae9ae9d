import CPostgres
import Foundation
import SQLCore

/// The values of one execution as libpq takes them: one buffer, and for each value where in it, how long, and in which form.
struct PostgresParameters {
    private var bytes: [UInt8] = []
    /// `nil`: NULL.
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []
    /// 0 text, 1 binary.
    private var formats: [Int32] = []

    /// - Parameter types: what the server takes each parameter to be.
    /// - Throws: ``SQLError`` `.misuse` for a list where the server expects none, or another one.
    init(_ values: [SQLValue], as types: [Oid]) throws {
        bytes.reserveCapacity(values.count * 16)
        offsets.reserveCapacity(values.count)
        lengths.reserveCapacity(values.count)
        formats.reserveCapacity(values.count)
        for (index, value) in values.enumerated() {
            let type = index < types.count ? types[index] : PostgresType.unknown
            if case .list(let elements) = value {
                try append(elements, as: type)
            } else if type == value.postgresType {
                appendBinary(value)
            } else {
                appendText(value)
            }
        }
    }

    private mutating func add(_ format: Int32, _ write: (inout [UInt8]) -> Void) {
        let start = bytes.count
        write(&bytes)
        offsets.append(start)
        lengths.append(Int32(bytes.count - start))
        formats.append(format)
    }

    private mutating func addNull() {
        offsets.append(nil)
        lengths.append(0)
        formats.append(0)
    }

    /// The form that the type's `…send` functions have: big endian.
    private mutating func appendBinary(_ value: SQLValue) {
        switch value {
        case .null: addNull()
        case .integer(let number):
            add(1) { bytes in withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) } }
        case .real(let number):
            add(1) { bytes in
                withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes.append(contentsOf: $0) }
            }
        case .text(let text): add(1) { $0.append(contentsOf: text.utf8) }
        case .utf8(let data), .bytes(let data): add(1) { $0.append(contentsOf: data) }
        case .uuid(let id): add(1) { bytes in withUnsafeBytes(of: id.uuid) { bytes.append(contentsOf: $0) } }
        case .bool(let flag): add(1) { $0.append(flag ? 1 : 0) }
        case .list: preconditionFailure("a list is appended as such")
        }
    }

    /// An array as `array_send` writes it: dimensions, whether there are NULLs, the elements' type, length and first index; then each
    /// element behind its length (src/backend/utils/adt/arrayfuncs.c).
    private mutating func append(_ elements: [SQLValue], as array: Oid) throws {
        guard let type = PostgresType.element(of: array) else {
            throw SQLError(.misuse, "a list is bound to what PostgreSQL takes for type \(array)")
        }
        let start = bytes.count
        append(Int32(elements.isEmpty ? 0 : 1))
        append(Int32(elements.contains { if case .null = $0 { true } else { false } } ? 1 : 0))
        append(Int32(bitPattern: type))
        if !elements.isEmpty {
            append(Int32(elements.count))
            append(Int32(1))
        }
        for element in elements { try append(element: element, as: type) }
        offsets.append(start)
        lengths.append(Int32(bytes.count - start))
        formats.append(1)
    }

    private mutating func append(element: SQLValue, as type: Oid) throws {
        switch element {
        case .null: append(Int32(-1))
        case .integer(let number): try append(number, as: type)
        case .uuid(let id):
            try check(type == PostgresType.uuid, type)
            append(Int32(16))
            withUnsafeBytes(of: id.uuid) { bytes.append(contentsOf: $0) }
        case .text(let text):
            try check(type == PostgresType.text || type == PostgresType.varchar || type == PostgresType.name, type)
            append(Int32(text.utf8.count))
            bytes.append(contentsOf: text.utf8)
        case .utf8(let data):
            try check(type == PostgresType.text, type)
            append(Int32(data.count))
            bytes.append(contentsOf: data)
        case .bytes(let data):
            try check(type == PostgresType.bytea, type)
            append(Int32(data.count))
            bytes.append(contentsOf: data)
        case .bool(let flag):
            try check(type == PostgresType.bool, type)
            append(Int32(1))
            bytes.append(flag ? 1 : 0)
        case .real(let number):
            try check(type == PostgresType.float8, type)
            append(Int32(8))
            withUnsafeBytes(of: number.bitPattern.bigEndian) { bytes.append(contentsOf: $0) }
        case .list: try check(false, type)
        }
    }

    private mutating func append(_ number: Int64, as type: Oid) throws {
        switch type {
        case PostgresType.int8:
            append(Int32(8))
            withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
        case PostgresType.int4:
            try check(Int32(exactly: number) != nil, type)
            append(Int32(4))
            append(Int32(truncatingIfNeeded: number))
        case PostgresType.int2:
            try check(Int16(exactly: number) != nil, type)
            append(Int32(2))
            withUnsafeBytes(of: Int16(truncatingIfNeeded: number).bigEndian) { bytes.append(contentsOf: $0) }
        default: try check(false, type)
        }
    }

    private func check(_ fits: Bool, _ type: Oid) throws {
        guard fits else {
            throw SQLError(.misuse, "an element of a list is not of the type \(type) that PostgreSQL takes it for")
        }
    }

    private mutating func append(_ number: Int32) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    /// What the server reads as whatever type it inferred; ends with a zero.
    private mutating func appendText(_ value: SQLValue) {
        let text: String
        switch value {
        case .null: return addNull()
        case .integer(let number): text = String(number)
        case .real(let number): text = "\(number)"
        case .text(let string): text = string
        case .utf8(let data): text = String(decoding: data, as: UTF8.self)
        case .bytes(let data):
            text = "\\x" + data.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        case .uuid(let id): text = id.uuidString
        case .bool(let flag): text = flag ? "t" : "f"
        case .list: preconditionFailure("a list is appended as such")
        }
        add(0) {
            $0.append(contentsOf: text.utf8)
            $0.append(0)
        }
    }

    /// Calls `body` with libpq's four arrays; they are valid inside it only.
    func withArrays<Result>(
        _ body: (
            _ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>, _ lengths: UnsafePointer<Int32>,
            _ formats: UnsafePointer<Int32>
        ) -> Result
    ) -> Result {
        // A parameter of no bytes still needs an address that is not null.
        let backed = bytes.isEmpty ? [0] : bytes
        return backed.withUnsafeBytes { buffer in
            let base = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            let pointers = offsets.map { offset in offset.flatMap { base?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        guard let values = values.baseAddress, let lengths = lengths.baseAddress,
                            let formats = formats.baseAddress
                        else { return Self.withNone(body) }
                        return body(Int32(offsets.count), values, lengths, formats)
                    }
                }
            }
        }
    }

    private static func withNone<Result>(
        _ body: (Int32, UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<Int32>, UnsafePointer<Int32>) -> Result
    ) -> Result {
        var none: UnsafePointer<CChar>?
        var zero: Int32 = 0
        return withUnsafePointer(to: &none) { none in withUnsafePointer(to: &zero) { body(0, none, $0, $0) } }
    }
}
