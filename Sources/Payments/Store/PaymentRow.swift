import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// Reads rows of payments_saga and writes their JSON columns.
enum PaymentRow {
    static func payment(_ row: SQLRow) throws -> Payment {
        Payment(
            order: try facts(row), state: try row.value("state", as: PaymentState.self),
            phase: try row.value("phase", as: PaymentPhase.self), isAttempted: try row.bool("attempted"),
            cancel: try cancel(row), reference: try row.optionalText("gateway_reference"),
            attempts: try row.int("attempts"),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            decidedAt: try row.optionalInt64("decided_at").map { Timestamp(milliseconds: $0) },
            origin: Origin(
                event: try row.optionalUUID("caused_by"), traceparent: try row.optionalText("traceparent")))
    }

    static func claim(_ row: SQLRow) throws -> ClaimedPayment {
        guard let currency = Currency(try row.text("currency")) else {
            throw SQLError(.shape, "column 'currency' is not an ISO 4217 code")
        }
        return ClaimedPayment(
            orderID: OrderID(try row.uuid("subject")), phase: try row.value("phase", as: PaymentPhase.self),
            amount: Money(try row.int64("amount")), currency: currency,
            reference: try row.optionalText("gateway_reference"), attempt: try row.int("attempts"),
            traceparent: try row.optionalText("traceparent"))
    }

    /// - Parameter charge: the payment's row.
    static func claim(of refund: Refund, _ charge: SQLRow) throws -> ClaimedPayment {
        guard let currency = Currency(try charge.text("currency")) else {
            throw SQLError(.shape, "column 'currency' is not an ISO 4217 code")
        }
        return ClaimedPayment(
            orderID: refund.orderID, phase: .refund, amount: Money(try charge.int64("amount")), currency: currency,
            reference: try charge.optionalText("gateway_reference"), attempt: refund.attempts,
            traceparent: refund.origin.traceparent, refundID: refund.id)
    }

    /// A JSON column's text.
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func facts(_ row: SQLRow) throws -> OrderFacts {
        do {
            return try OrderFacts(json: row.bytes("facts"))
        } catch is DecodingError {
            throw SQLError(.shape, "column 'facts' cannot be read as an order's facts")
        }
    }

    private static func cancel(_ row: SQLRow) throws -> PaymentFailure? {
        guard try !row.isNull("cancel_cause") else { return nil }
        let refusal = Refusal(
            try row.value("cancel_code", as: RefusalCode.self), try json(row, "cancel_parameters"))
        return PaymentFailure(cause: try row.value("cancel_cause", as: Cause.self), refusal: refusal)
    }

    private static func json<Value: Decodable>(_ row: SQLRow, _ column: String) throws -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: row.bytes(column))
        } catch is DecodingError {
            throw SQLError(.shape, "column '\(column)' cannot be read as \(Value.self)")
        }
    }
}
