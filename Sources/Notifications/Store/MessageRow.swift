import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// Reads rows of notifications_messages and writes their JSON column.
enum MessageRow {
    static let columns: StaticString =
        "id, channel, order_id, user_id, template, parameters, created_at, attempts, traceparent"

    static func message(_ row: SQLRow) throws -> NotificationMessage {
        NotificationMessage(
            id: try row.uuid("id"), channel: try row.text("channel"), orderID: OrderID(try row.uuid("order_id")),
            userID: UserID(try row.uuid("user_id")),
            template: try row.value("template", as: NotificationTemplate.self),
            parameters: try parameters(row), createdAt: Timestamp(milliseconds: try row.int64("created_at")),
            attempts: try row.int("attempts"), traceparent: try row.optionalText("traceparent"))
    }

    static func text(_ parameters: NotificationParameters) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(parameters), as: UTF8.self)
    }

    private static func parameters(_ row: SQLRow) throws -> NotificationParameters {
        do {
            return try JSONDecoder().decode(NotificationParameters.self, from: row.bytes("parameters"))
        } catch is DecodingError {
            throw SQLError(.shape, "column 'parameters' is not what its template needs")
        }
    }
}
