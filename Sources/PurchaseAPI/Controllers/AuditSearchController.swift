import Audit
import FoundationEssentials
import HTTPTypes
import Hummingbird
import PurchaseContracts
import SagaChoreography

/// Searches the audit trail, hands it out, and checks it.
struct AuditSearchController: Sendable {
    let api: APIDependencies

    private static let list = "admin/audit"
    private static let unit = QueryField<AuditTrendUnit>.choice("unit", "How long a point is; a day if not given.")

    var routes: [Route] {
        [
            Route(
                .get, "/admin/audit", .audit, "Entries of the audit trail, newest first", access: .role(.admin),
                parameters: ParameterDescription.page + AuditQuery.descriptions,
                answers: [.ok(AuditPageBody.schema)], handler: search),
            Route(
                .get, "/admin/audit/export.ndjson", .audit, "The same entries in order, a JSON object a line",
                access: .role(.admin), parameters: AuditQuery.descriptions,
                answers: [.init(status: .ok, schema: .string, contentType: AuditExport.Form.ndjson.mediaType)]
            ) { request, _ in try export(.ndjson, request) },
            Route(
                .get, "/admin/audit/export.csv", .audit, "The same entries in order, as a table", access: .role(.admin),
                parameters: AuditQuery.descriptions,
                answers: [.init(status: .ok, schema: .string, contentType: AuditExport.Form.csv.mediaType)]
            ) { request, _ in try export(.csv, request) },
            Route(
                .get, "/admin/audit/trend", .audit, "How much was recorded, by day or month", access: .role(.admin),
                parameters: [Self.unit.description] + AuditQuery.period, answers: [.ok(AuditTrendBody.schema)],
                handler: trend),
            Route(
                .get, "/admin/audit/verify", .audit, "Check the chain of the whole audit trail", access: .role(.admin),
                answers: [.ok(AuditVerificationBody.schema)], handler: verify),
        ]
    }

    @Sendable private func search(_ request: Request, _ context: APIContext) async throws -> Response {
        let asked = try PageRequest(request, of: Self.list, cursors: api.cursors)
        let filter = try AuditQuery.filter(in: request)
        let page = try await api.audit.reader.entries(filter, from: asked.after?.sequence, limit: asked.limit)
        return try .json(
            AuditPageBody(
                entries: try page.entries.map(AuditEntryBody.init),
                next: page.next.map { api.cursors.write(UUID(sequence: $0), of: Self.list) }))
    }

    private func export(_ form: AuditExport.Form, _ request: Request) throws -> Response {
        let export = AuditExport(form, of: try AuditQuery.filter(in: request), by: api.audit.reader)
        return Response(
            status: .ok, headers: [.contentType: "\(form.mediaType); charset=utf-8"],
            body: ResponseBody { writer in
                try await export.write { try await writer.write(ByteBuffer(bytes: $0)) }
                try await writer.finish(nil)
            })
    }

    @Sendable private func trend(_ request: Request, _ context: APIContext) async throws -> Response {
        let unit = try Self.unit.value(in: request) ?? .day
        let filter = try AuditQuery.filter(in: request)
        let until = filter.until ?? api.clock.now() + .milliseconds(1)
        let from = filter.from ?? until + .seconds(unit == .day ? -30 * 86_400 : -366 * 86_400)
        let reader = api.audit.reader
        let points =
            unit == .day
            ? try await reader.days(from: from, until: until) : try await reader.months(from: from, until: until)
        return try .json(AuditTrendBody(points, by: unit))
    }

    @Sendable private func verify(_ request: Request, _ context: APIContext) async throws -> Response {
        try .json(AuditVerificationBody(try await api.audit.verify()))
    }
}

extension UUID {
    /// A place in the log, as cursors carry ids.
    fileprivate init(sequence: Int64) {
        var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        withUnsafeMutableBytes(of: &bytes) { bytes in
            withUnsafeBytes(of: sequence.bigEndian) { bytes[8...].copyBytes(from: $0) }
        }
        self.init(uuid: bytes)
    }

    fileprivate var sequence: Int64 {
        withUnsafeBytes(of: uuid) { Int64(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: Int64.self)) }
    }
}
