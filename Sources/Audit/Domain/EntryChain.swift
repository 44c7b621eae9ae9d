import FoundationEssentials
import SagaChoreography

/// Links entries: the hash of each covers its whole content, its place, and the hash of the one before.
///
/// The content is written as bytes that leave no doubt where a field ends, so that no two entries share them: numbers as 8 bytes,
/// the highest first; texts and bytes behind their length; what is missing as a mark of its own.
struct EntryChain {
    /// What stands before the first entry.
    static let origin = Data(repeating: 0, count: 32)
    /// The form of the content; another form gets another name.
    private static let form = "purchase-saga/audit/1"

    private(set) var sequence: Int64
    private(set) var head: Data
    private let hash: any ContentHash

    /// - Parameters:
    ///   - sequence: that of the last entry; 0 if there is none.
    ///   - head: its hash.
    init(after sequence: Int64, head: Data, by hash: any ContentHash) {
        self.sequence = sequence
        self.head = head
        self.hash = hash
    }

    /// Puts an entry behind the last.
    mutating func append(_ entry: AuditEntry, recordedAt: Timestamp) -> LoggedEntry {
        sequence += 1
        head = hash.sha256(Self.content(of: entry, sequence: sequence, recordedAt: recordedAt, after: head))
        return LoggedEntry(entry, sequence: sequence, recordedAt: recordedAt, hash: head)
    }

    /// What the hash of a logged entry has to be.
    static func hash(of logged: LoggedEntry, after previous: Data, by hash: any ContentHash) -> Data {
        hash.sha256(
            content(
                of: logged.entry, sequence: logged.sequence, recordedAt: logged.recordedAt, after: previous))
    }

    private static func content(
        of entry: AuditEntry, sequence: Int64, recordedAt: Timestamp, after head: Data
    ) -> [UInt8] {
        var content = ContentBytes()
        content.add(form)
        content.add(head)
        content.add(sequence)
        content.add(entry.id)
        content.add(entry.action)
        content.add(entry.resource)
        content.add(entry.resourceID)
        content.add(entry.actor.userID)
        content.add(entry.actor.role)
        content.add(entry.actor.ipAddress)
        content.add(entry.actor.userAgent)
        content.add(entry.occurredAt.milliseconds)
        content.add(recordedAt.milliseconds)
        content.add(entry.status.rawValue)
        content.add(entry.severity.rawValue)
        content.add(entry.details)
        content.add(entry.correlationID)
        content.add(entry.causationID)
        content.add(entry.traceparent)
        content.add(entry.service.name)
        return content.bytes
    }
}

/// Fields one behind the other, each with its end told.
struct ContentBytes {
    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(768) }

    mutating func add(_ number: Int64) {
        withUnsafeBytes(of: number.bigEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func add(_ text: String) {
        var text = text
        text.withUTF8 { utf8 in
            add(Int64(utf8.count))
            bytes.append(contentsOf: utf8)
        }
    }

    mutating func add(_ data: Data) {
        add(Int64(data.count))
        bytes.append(contentsOf: data)
    }

    mutating func add(_ id: UUID) { withUnsafeBytes(of: id.uuid) { bytes.append(contentsOf: $0) } }

    mutating func add(_ id: UUID?) {
        guard let id else { return bytes.append(0) }
        bytes.append(1)
        add(id)
    }

    mutating func add(_ text: String?) {
        guard let text else { return bytes.append(0) }
        bytes.append(1)
        add(text)
    }
}
