import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// Reads rows of notifications_messages and writes their JSON column.
enum MessageRow {
    static let columns: StaticString =
        "id, channel, order_id, user_id, template, parameters, created_at, attempts, traceparent"

    static func message(_ row: SQLRow) throws -> NotificationMessage {
        let template = try row.value("template", as: NotificationTemplate.self)
        return NotificationMessage(
            id: try row.uuid("id"), channel: try row.text("channel"),
            orderID: try row.optionalUUID("order_id").map { OrderID($0) },
            userID: UserID(try row.uuid("user_id")),
            template: template, content: try content(row, of: template),
            createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            attempts: try row.int("attempts"), traceparent: try row.optionalText("traceparent"))
    }

    static func text(_ content: NotificationContent) throws -> String {
        switch content {
        case .order(let parameters): try json(parameters)
        case .coupon(let notice): try json(notice)
        case .nothing: "{}"
        }
    }

    private static func json(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func content(_ row: SQLRow, of template: NotificationTemplate) throws -> NotificationContent {
        do {
            let bytes = try row.bytes("parameters")
            switch template {
            case .orderCompleted, .orderFailed, .orderCancelled, .orderRefunded:
                return .order(try JSONDecoder().decode(NotificationParameters.self, from: bytes))
            case .couponExpiring: return .coupon(try JSONDecoder().decode(CouponNotice.self, from: bytes))
            case .test: return .nothing
            }
        } catch is DecodingError {
            throw SQLError(.shape, "column 'parameters' is not what its template needs")
        }
    }
}
