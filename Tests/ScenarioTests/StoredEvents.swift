import Foundation
import SagaChoreography

/// Events as earlier programs stored them, one a line: the columns of an outbox row. They are added to and never changed.
enum StoredEvents {
    /// One row.
    struct Row: Codable, Sendable {
        let id: UUID
        let type: EventType
        let version: Int
        let source: String
        let subject: UUID?
        let time: Timestamp
        let correlationID: UUID?
        let causationID: UUID?
        let traceparent: String?
        /// The data as it was written, byte for byte.
        let data: String

        init(_ envelope: Envelope) {
            id = envelope.id
            type = envelope.type
            version = envelope.version
            source = envelope.source.name
            subject = envelope.subject
            time = envelope.time
            correlationID = envelope.correlationID
            causationID = envelope.causationID
            traceparent = envelope.traceparent
            data = String(decoding: envelope.data, as: UTF8.self)
        }

        var envelope: Envelope {
            Envelope(
                id: id, type: type, version: version, source: ServiceID(source), subject: subject, time: time,
                correlationID: correlationID, causationID: causationID, traceparent: traceparent, data: Data(data.utf8))
        }

        var contract: ContractBook.Version { ContractBook.Version(type, version) }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    private static let file = root.appending(path: "Tests/StoredEvents/events.jsonl")
    private static let contracts = root.appending(path: "docs/events.json")

    /// Whether what is missing is to be written down.
    static var isRecording: Bool { ProcessInfo.processInfo.environment["PURCHASE_RECORD_EVENTS"] == "1" }

    static func rows() throws -> [Row] {
        try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map {
            try JSONDecoder().decode(Row.self, from: Data($0.utf8))
        }
    }

    /// What was published.
    static func published() throws -> ContractBook { try ContractBook(json: Data(contentsOf: contracts)) }

    static func append(_ rows: [Row]) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let lines = try rows.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }
        let handle = try FileHandle(forWritingTo: file)
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(lines.joined().utf8))
        try handle.close()
    }
}
