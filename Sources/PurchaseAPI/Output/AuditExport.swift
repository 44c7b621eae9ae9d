import Audit
import FoundationEssentials

/// Writes entries out in order, page by page, so that neither the process nor a transaction holds all of them.
struct AuditExport: Sendable {
    enum Form: Sendable {
        case ndjson, csv

        var mediaType: String {
            switch self {
            case .ndjson: "application/x-ndjson"
            case .csv: "text/csv"
            }
        }
    }

    private static let page = 500
    private let form: Form
    private let filter: AuditFilter
    private let reader: AuditReader

    init(_ form: Form, of filter: AuditFilter, by reader: AuditReader) {
        self.form = form
        self.filter = filter
        self.reader = reader
    }

    /// - Parameter send: takes one part after the other.
    /// - Throws: ``SQLError``; what `send` throws.
    func write(_ send: ([UInt8]) async throws -> Void) async throws {
        if form == .csv { try await send(Array((Self.columns.joined(separator: ",") + "\r\n").utf8)) }
        var last: Int64? = 0
        while let after = last {
            let page = try await reader.entries(filter, from: after, .oldestFirst, limit: Self.page)
            var part: [UInt8] = []
            for entry in page.entries { part += try line(AuditEntryBody(entry)) }
            if !part.isEmpty { try await send(part) }
            last = page.next
        }
    }

    private func line(_ body: AuditEntryBody) throws -> [UInt8] {
        switch form {
        case .ndjson: return Array(try JSONText.encode(body)) + [UInt8(ascii: "\n")]
        case .csv:
            let details = String(decoding: try JSONText.encode(body.details), as: UTF8.self)
            let cells = [
                "\(body.sequence)", body.id, body.action, body.resource, body.resourceId, body.actor.userId ?? "",
                body.actor.role ?? "", body.actor.ipAddress ?? "", body.actor.userAgent ?? "", body.occurredAt,
                body.recordedAt, body.status, "\(body.severity)", details, body.correlationId ?? "",
                body.causationId ?? "", body.traceparent ?? "", body.service, body.hash,
            ]
            return Array((cells.map(Self.cell).joined(separator: ",") + "\r\n").utf8)
        }
    }

    private static let columns = [
        "sequence", "id", "action", "resource", "resourceId", "actorUserId", "actorRole", "ipAddress", "userAgent",
        "occurredAt", "recordedAt", "status", "severity", "details", "correlationId", "causationId", "traceparent",
        "service", "hash",
    ]

    /// RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe.
    static func cell(_ text: String) -> String {
        let isFormula = text.utf8.first.map(Array("=+-@\t\r".utf8).contains) ?? false
        let plain = isFormula ? "'" + text : text
        let special = Array(",\"\r\n".utf8)
        guard plain.utf8.contains(where: special.contains) else { return plain }
        return "\"" + plain.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}
