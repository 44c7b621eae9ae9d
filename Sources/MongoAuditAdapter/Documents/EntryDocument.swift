import Audit
import FoundationEssentials
import SagaChoreography

/// Entries as documents.
enum EntryDocument {
    /// Times are whole milliseconds and details the text as it is: what a hash covers comes back to the byte.
    static func document(_ logged: LoggedEntry) -> BSONDocument {
        let entry = logged.entry
        var document: BSONDocument = [
            "_id": .uuid(entry.id), "sequence": .int64(logged.sequence), "action": .string(entry.action),
            "resource": .string(entry.resource), "resourceId": .string(entry.resourceID),
        ]
        document.append("actor", .id(entry.actor.userID))
        document.append("actorRole", .text(entry.actor.role))
        document.append("ipAddress", .text(entry.actor.ipAddress))
        document.append("userAgent", .text(entry.actor.userAgent))
        document.append("occurredAt", .int64(entry.occurredAt.milliseconds))
        document.append("recordedAt", .int64(logged.recordedAt.milliseconds))
        document.append("status", .string(entry.status.rawValue))
        document.append("severity", .int64(entry.severity.rawValue))
        // A text, for people who read it and for the search; what is no text is kept all the same.
        document.append(
            "details", String(validating: entry.details, as: UTF8.self).map { .string($0) } ?? .binary(entry.details))
        document.append("correlationId", .id(entry.correlationID))
        document.append("causationId", .id(entry.causationID))
        document.append("traceparent", .text(entry.traceparent))
        document.append("service", .string(entry.service.name))
        document.append("hash", .binary(logged.hash))
        return document
    }

    /// - Throws: ``SagaFault`` `.permanent(.undecodable, _)` that names the field.
    static func entry(_ document: BSONDocument) throws -> LoggedEntry {
        let fields = FieldReader(document, of: "an audit entry")
        let status = try fields.text("status")
        guard let status = AuditEntry.Status(rawValue: status) else { throw fields.wrong("status") }
        guard let severity = AuditEntry.Severity(rawValue: try fields.number("severity")) else {
            throw fields.wrong("severity")
        }
        return LoggedEntry(
            AuditEntry(
                id: try fields.id("_id"), action: try fields.text("action"), resource: try fields.text("resource"),
                resourceID: try fields.text("resourceId"),
                actor: .init(
                    userID: try fields.optionalID("actor"), role: try fields.optionalText("actorRole"),
                    ipAddress: try fields.optionalText("ipAddress"), userAgent: try fields.optionalText("userAgent")),
                occurredAt: Timestamp(milliseconds: try fields.number("occurredAt")), status: status,
                severity: severity, details: try fields.bytes("details"),
                correlationID: try fields.optionalID("correlationId"),
                causationID: try fields.optionalID("causationId"),
                traceparent: try fields.optionalText("traceparent"), service: ServiceID(try fields.text("service"))),
            sequence: try fields.number("sequence"),
            recordedAt: Timestamp(milliseconds: try fields.number("recordedAt")), hash: try fields.bytes("hash"))
    }

    static func document(_ head: KeptHead) -> BSONDocument {
        ["_id": .int64(head.sequence), "hash": .binary(head.hash)]
    }

    /// - Throws: as ``entry(_:)``.
    static func head(_ document: BSONDocument) throws -> KeptHead {
        let fields = FieldReader(document, of: "the head of a segment")
        return KeptHead(sequence: try fields.number("_id"), hash: try fields.bytes("hash"))
    }
}

/// Reads fields by name and kind; what it throws names the field, never what is in it.
struct FieldReader {
    private let values: [String: BSONValue]
    private let what: StaticString

    init(_ document: BSONDocument, of what: StaticString) {
        values = Dictionary(document.fields.map { ($0.name, $0.value) }) { first, _ in first }
        self.what = what
    }

    func wrong(_ name: StaticString) -> SagaFault {
        .permanent(.undecodable, "MongoDB: field '\(name)' of \(what) is missing or wrong")
    }

    func text(_ name: StaticString) throws -> String {
        guard let text = try optionalText(name) else { throw wrong(name) }
        return text
    }

    func optionalText(_ name: StaticString) throws -> String? {
        guard let value = values["\(name)"] else { return nil }
        guard case .string(let text) = value else { throw wrong(name) }
        return text
    }

    func id(_ name: StaticString) throws -> UUID {
        guard let id = try optionalID(name) else { throw wrong(name) }
        return id
    }

    func optionalID(_ name: StaticString) throws -> UUID? {
        guard let value = values["\(name)"] else { return nil }
        guard case .uuid(let id) = value else { throw wrong(name) }
        return id
    }

    func number(_ name: StaticString) throws -> Int64 {
        guard let number = values["\(name)"]?.wholeNumber else { throw wrong(name) }
        return number
    }

    func bytes(_ name: StaticString) throws -> Data {
        switch values["\(name)"] {
        case .binary(let data): data
        case .string(let text): Data(text.utf8)
        default: throw wrong(name)
        }
    }
}
