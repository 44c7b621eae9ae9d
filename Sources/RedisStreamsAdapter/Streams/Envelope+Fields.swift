import Foundation
import SagaChoreography

/// An envelope as the fields of an entry of its own: its data as it is, and everything else in one header, because Redis and its clients work on each
/// field of each entry that any group reads. Its type is in the stream's name. Unknown fields are ignored; an entry that lacks one of the
/// two, or whose header is of another form, is unreadable.
extension Envelope {
    private static let headerField = "h"
    private static let dataField = "data"

    /// Appends names and values to an XADD.
    func writeFields(to command: inout RedisCommand) {
        command.append(Self.headerField)
        command.append(bytes: EntryHeader(self).bytes)
        command.append(Self.dataField)
        command.append(data)
    }

    /// The event of an entry, by its names and values; `nil` if it is no event.
    static func id(inFields fields: [String: RedisReply]) -> UUID? {
        fields[headerField]?.bytes.flatMap { header in
            header.withUnsafeBytes { EntryHeader(bytes: $0)?.id }
        }
    }

    /// The same where hiredis holds them.
    static func id(inFields fields: ReplyView) -> UUID? {
        for index in stride(from: 0, to: fields.count - 1, by: 2) where fields[index].says(headerField) {
            return EntryHeader.id(in: fields[index + 1].bytes)
        }
        return nil
    }

    /// Reads names and values of an entry; `nil` if it is no event.
    init?(fields: ReplyView, type: EventType) {
        var (header, data): (EntryHeader?, Data?)
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            if fields[index].says(Self.headerField) {
                header = EntryHeader(bytes: fields[index + 1].bytes)
            } else if fields[index].says(Self.dataField) {
                data = fields[index + 1].data
            }
        }
        guard let header, let data else { return nil }
        self.init(header, type: type, data: data)
    }

    init(_ header: EntryHeader, type: EventType, data: Data) {
        self.init(
            id: header.id, type: type, version: header.version, source: header.source, subject: header.subject,
            time: header.time, correlationID: header.correlationID, causationID: header.causationID,
            traceparent: header.traceparent, data: data)
    }
}

/// What an envelope says beside its data, in bytes: the form's number (1); a bit for each of subject, correlation, causation and trace
/// that is there; the id; time in milliseconds (8) and version (4), the highest byte first; those ids, 16 each; the source behind its
/// length (1); the trace, to the end.
struct EntryHeader {
    private static let form: UInt8 = 1

    let id: UUID
    let version: Int
    let source: ServiceID
    let subject: UUID?
    let time: Timestamp
    let correlationID: UUID?
    let causationID: UUID?
    let traceparent: String?

    init(_ envelope: Envelope) {
        id = envelope.id
        version = envelope.version
        source = envelope.source
        subject = envelope.subject
        time = envelope.time
        correlationID = envelope.correlationID
        causationID = envelope.causationID
        traceparent = envelope.traceparent
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(160)
        let ids = [subject, correlationID, causationID]
        bytes.append(Self.form)
        var present: UInt8 = traceparent == nil ? 0 : 8
        for (bit, id) in ids.enumerated() where id != nil { present |= 1 << bit }
        bytes.append(present)
        func add(_ id: UUID) { withUnsafeBytes(of: id.uuid) { bytes.append(contentsOf: $0) } }
        add(id)
        withUnsafeBytes(of: time.milliseconds.bigEndian) { bytes.append(contentsOf: $0) }
        withUnsafeBytes(of: Int32(clamping: version).bigEndian) { bytes.append(contentsOf: $0) }
        for case let id? in ids { add(id) }
        let source = source.name.utf8.prefix(255)
        bytes.append(UInt8(source.count))
        bytes.append(contentsOf: source)
        if let traceparent { bytes.append(contentsOf: traceparent.utf8) }
        return bytes
    }

    /// The event of a header of which nothing else is read; `nil` if it is none.
    static func id(in bytes: UnsafeRawBufferPointer) -> UUID? {
        guard bytes.count > 18, bytes[0] == form else { return nil }
        return UUID(uuid: bytes.loadUnaligned(fromByteOffset: 2, as: uuid_t.self))
    }

    /// - Returns: `nil` if that is not what ``bytes`` writes.
    init?(bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        func take(_ count: Int) -> Slice<UnsafeRawBufferPointer>? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return rest.prefix(count)
        }
        func takeID() -> UUID? {
            take(16).map { UUID(uuid: UnsafeRawBufferPointer(rebasing: $0).loadUnaligned(as: uuid_t.self)) }
        }
        func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
            take(MemoryLayout<Number>.size).map {
                Number(bigEndian: UnsafeRawBufferPointer(rebasing: $0).loadUnaligned(as: type))
            }
        }
        guard number(UInt8.self) == Self.form, let present = number(UInt8.self), present < 16, let id = takeID(),
            let time = number(Int64.self), let version = number(Int32.self)
        else { return nil }
        var ids: [UUID?] = [nil, nil, nil]
        for bit in ids.indices where present & 1 << bit != 0 {
            guard let id = takeID() else { return nil }
            ids[bit] = id
        }
        guard let length = number(UInt8.self), let source = take(Int(length)), !source.isEmpty else { return nil }
        let hasTrace = present & 8 != 0
        guard hasTrace != rest.isEmpty else { return nil }
        self.id = id
        self.version = Int(version)
        self.source = ServiceID(String(decoding: source, as: UTF8.self))
        subject = ids[0]
        self.time = Timestamp(milliseconds: time)
        correlationID = ids[1]
        causationID = ids[2]
        traceparent = hasTrace ? String(decoding: rest, as: UTF8.self) : nil
    }
}
