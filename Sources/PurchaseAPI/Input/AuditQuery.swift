import Audit
import Hummingbird
import PurchaseContracts
import SagaChoreography

/// The query of a search in the audit trail.
enum AuditQuery {
    private static let actor = QueryField<UserID>.id("actor", "Only what this user did.")
    private static let action = QueryField.text("action", maximum: 100, "Only this action.")
    private static let resource = QueryField.text("resource", maximum: 100, "Only things of this kind.")
    private static let resourceID = QueryField.text("resourceId", maximum: 255, "Only this thing.")
    private static let service = QueryField.text("service", maximum: 100, "Only what this service did.")
    private static let status = QueryField<AuditResult>.choice("status", "Only what ended so.")
    private static let severity = QueryField<Int64>.integer("severity", in: 1...5, "Only what is at least so severe.")
    private static let order = QueryField<OrderID>.id("orderId", "Only what belongs to this order.")
    private static let from = QueryField<Timestamp>.time("from", "Only what happened then or later.")
    private static let until = QueryField<Timestamp>.time("until", "Only what happened before.")
    private static let text = QueryField.text(
        "text", maximum: 200, "Only what has this text in action, resource id or details.")
    private static let security = QueryField.bool("security", "Only refused access, failed logins, what was blocked.")

    static let period = [from.description, until.description]
    static let descriptions =
        [
            actor.description, action.description, resource.description, resourceID.description, service.description,
            status.description, severity.description, order.description,
        ] + period + [text.description, security.description]

    /// - Throws: ``APIError`` 422.
    static func filter(in request: Request) throws(APIError) -> AuditFilter {
        var filter = AuditFilter()
        filter.actor = try actor.value(in: request)?.uuid
        filter.action = try action.value(in: request)
        filter.resource = try resource.value(in: request)
        filter.resourceID = try resourceID.value(in: request)
        filter.service = try service.value(in: request).map { ServiceID($0) }
        filter.status = try status.value(in: request).flatMap { AuditEntry.Status(rawValue: $0.rawValue) }
        filter.severity = try severity.value(in: request).flatMap { AuditEntry.Severity(rawValue: $0) }
        filter.correlationID = try order.value(in: request)?.uuid
        filter.from = try from.value(in: request)
        filter.until = try until.value(in: request)
        filter.text = try text.value(in: request).flatMap { $0.isEmpty ? nil : $0 }
        filter.isSecurity = try security.value(in: request) ?? false
        return filter
    }
}
