import PurchaseContracts
import SagaChoreography

extension AuditRule {
    /// A step of a refund that was done. Who asked for it is in the entry of order.refund.requested: whoever ordered does not act here.
    static func refund<E: RefundEvent>(
        _: E.Type, on subject: Subject, _ severity: AuditEntry.Severity
    ) -> AuditRule {
        AuditRule(
            E.self, on: subject.rawValue, severity, id: { subject.id(in: $0.order) },
            details: { event, json in
                event.order.writeAmounts(to: &json)
                json.member("refund", event.refundID)
            })
    }

    /// A step that says why a refund cannot go on.
    static func refusedRefund<E: RefusedRefundEvent>(
        _: E.Type, on subject: Subject, _ severity: AuditEntry.Severity, _ status: AuditEntry.Status
    ) -> AuditRule {
        AuditRule(
            E.self, on: subject.rawValue, severity, status, id: { subject.id(in: $0.order) },
            details: { event, json in
                event.order.writeAmounts(to: &json)
                json.member("refund", event.refundID)
                json.key("code" as StaticString)
                json.string(event.refusal.code.rawValue)
            })
    }
}
