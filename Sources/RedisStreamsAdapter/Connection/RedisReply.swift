import CRedis
import FoundationEssentials

/// An answer of Redis, kept.
enum RedisReply: Sendable, Equatable {
    /// A string or status.
    case bytes([UInt8])
    case integer(Int64)
    case array([RedisReply])
    case null
    case error(String)

    init(_ view: ReplyView) {
        if let error = view.error {
            self = .error(error)
        } else if view.isNull {
            self = .null
        } else if let integer = view.integer {
            self = .integer(integer)
        } else if view.isArray {
            self = .array(view.elements.map(RedisReply.init))
        } else {
            self = .bytes(Array(view.bytes))
        }
    }

    static func text(_ text: String) -> RedisReply { .bytes(Array(text.utf8)) }

    var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    var integer: Int64? { if case .integer(let integer) = self { integer } else { nil } }
    /// An id from its 16 bytes.
    var uuid: UUID? {
        guard let bytes, bytes.count == 16 else { return nil }
        return UUID(uuid: bytes.withUnsafeBytes { $0.loadUnaligned(as: uuid_t.self) })
    }
    var error: String? { if case .error(let error) = self { error } else { nil } }
    var elements: [RedisReply]? { if case .array(let elements) = self { elements } else { nil } }

    /// A flat array of names and values, as XINFO answers.
    var fields: [String: RedisReply] {
        guard let elements else { return [:] }
        var fields: [String: RedisReply] = [:]
        for index in stride(from: 0, to: elements.count - 1, by: 2) {
            if let name = elements[index].text { fields[name] = elements[index + 1] }
        }
        return fields
    }
}

/// An answer of Redis where hiredis holds it: valid only inside the closure that received it.
struct ReplyView {
    private let raw: UnsafeMutablePointer<redisReply>

    init(_ raw: UnsafeMutablePointer<redisReply>) { self.raw = raw }

    var isArray: Bool { raw.pointee.type == REDIS_REPLY_ARRAY }
    var isNull: Bool { raw.pointee.type == REDIS_REPLY_NIL }
    var integer: Int64? { raw.pointee.type == REDIS_REPLY_INTEGER ? raw.pointee.integer : nil }
    var error: String? { raw.pointee.type == REDIS_REPLY_ERROR ? text : nil }

    /// The bytes of a string, status or error; none of anything else.
    var bytes: UnsafeRawBufferPointer {
        guard let start = raw.pointee.str else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: start, count: raw.pointee.len)
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var data: Data { Data(bytes) }
    /// An id from its 16 bytes.
    var uuid: UUID? {
        let bytes = bytes
        return bytes.count == 16 ? UUID(uuid: bytes.loadUnaligned(as: uuid_t.self)) : nil
    }

    /// Whether it is this text.
    func says(_ text: String) -> Bool { bytes.elementsEqual(text.utf8) }

    /// How many elements an array has; 0 of anything else.
    var count: Int { isArray ? raw.pointee.elements : 0 }

    /// An element of an array, whole, as hiredis leaves it: without a gap.
    subscript(index: Int) -> ReplyView {
        guard index < count, let element = raw.pointee.element?[index] else {
            preconditionFailure("element \(index) of an answer that has \(count)")
        }
        return ReplyView(element)
    }

    /// The elements of an array; none of anything else.
    var elements: [ReplyView] {
        guard isArray, let start = raw.pointee.element else { return [] }
        // hiredis leaves no gap in an array that it has read whole.
        return UnsafeBufferPointer(start: start, count: raw.pointee.elements).compactMap { $0.map(ReplyView.init) }
    }
}
