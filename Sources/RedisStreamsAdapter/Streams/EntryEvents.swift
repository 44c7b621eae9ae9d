import Foundation
import SagaChoreography

/// The events of one entry. What is sent together to one stream shares entries: Redis and its clients work on each entry, not on its bytes.
///
/// A lone event is in the fields of ``Envelope``. Several are in one field, each behind its length and that of its header (4 bytes each, the
/// highest first), and another field says how many they are, for those who only count. All are of the stream's type.
enum EntryEvents {
    /// No entry has more.
    static let most = 64

    private static let countField = "n"
    private static let eventsField = "b"

    /// Appends names and values to an XADD.
    static func write(_ envelopes: [Envelope], to command: inout RedisCommand) {
        guard envelopes.count != 1 else { return envelopes[0].writeFields(to: &command) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(envelopes.reduce(0) { $0 + size(of: $1) })
        for envelope in envelopes {
            let header = EntryHeader(envelope).bytes
            for length in [header.count, envelope.data.count] {
                withUnsafeBytes(of: UInt32(length).bigEndian) { bytes.append(contentsOf: $0) }
            }
            bytes.append(contentsOf: header)
            bytes.append(contentsOf: envelope.data)
        }
        command.append(countField)
        command.append(Int64(envelopes.count))
        command.append(eventsField)
        command.append(bytes: bytes)
    }

    /// About how many bytes an event takes.
    static func size(of envelope: Envelope) -> Int { envelope.data.count + 192 }

    /// Reads names and values of an entry; `nil` if it holds no events, or something else beside them.
    ///
    /// - Parameter isKnown: of which events nothing but the id is wanted.
    static func read(fields: ReplyView, type: EventType, isKnown: (UUID) -> Bool = { _ in false }) -> [Inbox.Event]? {
        for index in stride(from: 0, to: fields.count - 1, by: 2) where fields[index].says(eventsField) {
            var events: [Inbox.Event] = []
            let isWhole = each(in: fields[index + 1].bytes) { id, header, data in
                if isKnown(id) {
                    events.append(.known(id))
                } else if let header = EntryHeader(bytes: header) {
                    events.append(.read(Envelope(header, type: type, data: Data(data))))
                } else {
                    return false
                }
                return true
            }
            return isWhole && !events.isEmpty && events.count <= most ? events : nil
        }
        if let id = Envelope.id(inFields: fields), isKnown(id) { return [.known(id)] }
        return Envelope(fields: fields, type: type).map { [.read($0)] }
    }

    /// The events of an entry, by its names and values.
    static func ids(inFields fields: RedisReply) -> Set<UUID> {
        let named = fields.fields
        guard let bytes = named[eventsField]?.bytes else {
            return Set([Envelope.id(inFields: named)].compactMap { $0 })
        }
        var ids: Set<UUID> = []
        let isWhole = bytes.withUnsafeBytes { bytes in
            each(in: bytes) { _, header, _ in
                guard let header = EntryHeader(bytes: header) else { return false }
                ids.insert(header.id)
                return true
            }
        }
        return isWhole ? ids : []
    }

    /// - Returns: whether everything could be read.
    private static func each(
        in bytes: UnsafeRawBufferPointer, _ body: (UUID, UnsafeRawBufferPointer, UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        var rest = bytes[...]
        func take(_ count: Int) -> UnsafeRawBufferPointer? {
            guard rest.count >= count else { return nil }
            defer { rest = rest.dropFirst(count) }
            return UnsafeRawBufferPointer(rebasing: rest.prefix(count))
        }
        func length() -> Int? { take(4).map { Int(UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self))) } }
        while !rest.isEmpty {
            guard let first = length(), let second = length(),
                let header = take(first), let id = EntryHeader.id(in: header), let data = take(second),
                body(id, header, data)
            else { return false }
        }
        return true
    }
}

/// How events that are sent together share entries, in order.
struct EntryPlan {
    struct Entry {
        let stream: StreamLayout.Stream
        /// Of those that are sent.
        fileprivate(set) var events: [Int]
        fileprivate var size: Int
    }

    /// The entries, in the order in which they are added.
    private(set) var entries: [Entry] = []

    /// - Parameters:
    ///   - streams: where each event goes; `nil`: nowhere.
    ///   - most: events of one entry.
    ///   - bytes: an entry gets no further event beyond.
    init(_ envelopes: [Envelope], _ streams: [StreamLayout.Stream?], most: Int, bytes: Int = 65_536) {
        let most = min(max(1, most), EntryEvents.most)
        var open: [StreamLayout.Stream: Int] = [:]
        for (index, stream) in streams.enumerated() {
            guard let stream else { continue }
            let size = EntryEvents.size(of: envelopes[index])
            if let last = open[stream], entries[last].events.count < most, entries[last].size + size <= bytes {
                entries[last].events.append(index)
                entries[last].size += size
            } else {
                open[stream] = entries.count
                entries.append(Entry(stream: stream, events: [index], size: size))
            }
        }
    }
}
