import CPostgres
import Foundation
import SQLCore

/// What a result's columns are; the same for every execution of a prepared statement.
struct PostgresColumns {
    let columns: SQLRow.Columns
    private let types: [Oid]

    init(of result: OpaquePointer) {
        let indices = 0..<PQnfields(result)
        columns = SQLRow.Columns(indices.map { PQfname(result, $0).map { String(cString: $0) } ?? "" })
        types = indices.map { PQftype(result, $0) }
    }

    /// - Throws: ``SQLError`` `.shape` for a value of a type that nobody here reads.
    func rows(of result: OpaquePointer) throws -> [SQLRow] {
        let count = PQntuples(result)
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(count))
        for row in 0..<count {
            let values = try types.indices.map { try value(of: result, row, Int32($0), types[$0]) }
            rows.append(SQLRow(columns: columns, values: values))
        }
        return rows
    }

    private func value(of result: OpaquePointer, _ row: Int32, _ column: Int32, _ type: Oid) throws -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        switch type {
        case PostgresType.int8, PostgresType.xid8:
            return .integer(Int64(bigEndian: bytes.loadUnaligned(as: Int64.self)))
        case PostgresType.int4: return .integer(Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self))))
        case PostgresType.int2: return .integer(Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self))))
        case PostgresType.bool: return .bool(bytes[0] != 0)
        case PostgresType.uuid: return .uuid(UUID(uuid: bytes.loadUnaligned(as: uuid_t.self)))
        case PostgresType.bytea: return .bytes(Data(bytes))
        case PostgresType.float8:
            return .real(Double(bitPattern: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self))))
        case PostgresType.float4:
            return .real(Double(Float(bitPattern: UInt32(bigEndian: bytes.loadUnaligned(as: UInt32.self)))))
        case PostgresType.numeric: return try PostgresNumeric(bytes).value
        case PostgresType.jsonb:
            // One byte for the version of the form, then the text.
            return .text(String(decoding: bytes.dropFirst(), as: UTF8.self))
        case PostgresType.text, PostgresType.varchar, PostgresType.json, 18, 19:
            return .text(String(decoding: bytes, as: UTF8.self))
        case 10_000...:
            // Enumerations of a schema's own; their binary form is the label.
            return .text(String(decoding: bytes, as: UTF8.self))
        default:
            throw SQLError(.shape, "column '\(columns.names[Int(column)])' has type \(type), which is not read here")
        }
    }
}

/// PostgreSQL's exact numbers, which sums of BIGINT have: digits of base 10,000 (src/backend/utils/adt/numeric.c).
struct PostgresNumeric {
    private let digits: [Int]
    private let weight: Int
    private let isNegative: Bool

    /// - Throws: ``SQLError`` `.shape` for NaN and infinity.
    init(_ bytes: UnsafeRawBufferPointer) throws {
        func short(_ index: Int) -> Int {
            Int(Int16(bigEndian: bytes.loadUnaligned(fromByteOffset: index * 2, as: Int16.self)))
        }
        let sign = UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt16.self))
        guard sign == 0 || sign == 0x4000 else { throw SQLError(.shape, "a number is not finite") }
        isNegative = sign == 0x4000
        weight = short(1)
        digits = (0..<short(0)).map { short(4 + $0) }
    }

    /// A whole number if it is one and fits, else the nearest real one.
    var value: SQLValue {
        get throws {
            let isWhole = digits.count <= weight + 1
            guard isWhole, let whole = whole() else { return .real(real) }
            return .integer(whole)
        }
    }

    private func whole() -> Int64? {
        var sum: Int64 = 0
        for place in 0...max(0, weight) where weight >= 0 {
            let digit = Int64(place < digits.count ? digits[place] : 0)
            let (product, overflows) = sum.multipliedReportingOverflow(by: 10_000)
            // Towards the sign, so that the smallest number fits as well.
            let (next, isTooFar) =
                isNegative ? product.subtractingReportingOverflow(digit) : product.addingReportingOverflow(digit)
            guard !overflows, !isTooFar else { return nil }
            sum = next
        }
        return sum
    }

    private var real: Double {
        let magnitude = digits.enumerated().reduce(0.0) { sum, digit in
            sum + Double(digit.element) * pow(10_000, Double(weight - digit.offset))
        }
        return isNegative ? -magnitude : magnitude
    }
}
