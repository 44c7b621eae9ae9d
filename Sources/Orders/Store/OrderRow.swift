import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography

/// How an order's row is written and read.
enum OrderRow {
    static let columns: StaticString = """
        subject, state, settled, user_id, actor, currency, total, discount, final, coupon, user_coupon_id, ordered_at, \
        deadline, cause, refusal_code, refusal_parameters, cancel_cause, cancel_code, cancel_parameters, \
        payment_confirmed, inventory_confirmed, item_deducted, coupon_used, payment_rollback, inventory_rollback, \
        item_restored, coupon_released, ended_at, settled_at, updated_at, refund_id, refund_open
        """

    /// What a mark's change returns: enough for the state machine.
    static let progressColumns: StaticString = """
        state, settled, coupon, cancel_cause, payment_confirmed, inventory_confirmed, item_deducted, coupon_used, \
        payment_rollback, inventory_rollback, item_restored, coupon_released, refund_open
        """

    static func progress(_ row: SQLRow) throws -> OrderProgress {
        OrderProgress(
            state: try row.value("state", as: OrderState.self), hasCoupon: try !row.isNull("coupon"),
            cancelCause: try row.isNull("cancel_cause") ? nil : row.value("cancel_cause", as: Cause.self),
            marks: try marks(row),
            isSettled: try row.bool("settled"), hasOpenRefund: try row.bool("refund_open"))
    }

    private static func marks(_ row: SQLRow) throws -> Set<OrderMark> {
        var marks: Set<OrderMark> = []
        for (mark, column) in markColumns where try row.bool(column) { marks.insert(mark) }
        return marks
    }

    private static let markColumns = OrderMark.allCases.map { ($0, $0.column.description) }

    static func facts(_ row: SQLRow, lines: [OrderLine]) throws -> OrderFacts {
        guard let currency = Currency(try row.text("currency")) else {
            throw SQLError(.shape, "column 'currency' is not a currency")
        }
        return OrderFacts(
            id: OrderID(try row.uuid("subject")), userID: UserID(try row.uuid("user_id")), lines: lines,
            total: Money(try row.int64("total")), discount: Money(try row.int64("discount")),
            final: Money(try row.int64("final")), currency: currency,
            coupon: try row.optionalText("coupon").map { try decode(CouponChoice.self, from: $0) },
            orderedAt: Timestamp(milliseconds: try row.int64("ordered_at")),
            deadline: Timestamp(milliseconds: try row.int64("deadline")), actor: UserID(try row.uuid("actor")))
    }

    static func record(_ row: SQLRow, lines: [OrderLine], refund: Refund?) throws -> OrderRecord {
        return OrderRecord(
            facts: try facts(row, lines: lines), progress: try progress(row),
            userCouponID: try row.optionalUUID("user_coupon_id").map { UserCouponID($0) },
            refund: refund, ending: try ending(row, "cause", "refusal_code", "refusal_parameters"),
            cancel: try ending(row, "cancel_cause", "cancel_code", "cancel_parameters"),
            updatedAt: Timestamp(milliseconds: try row.int64("updated_at")),
            endedAt: try row.optionalInt64("ended_at").map { Timestamp(milliseconds: $0) },
            settledAt: try row.optionalInt64("settled_at").map { Timestamp(milliseconds: $0) })
    }

    static func line(_ row: SQLRow) throws -> OrderLine {
        OrderLine(
            itemID: ItemID(try row.uuid("item_id")), name: try row.text("name"),
            categoryID: try row.optionalUUID("category_id").map { CategoryID($0) },
            unitPrice: Money(try row.int64("unit_price")), quantity: try row.int64("quantity"))
    }

    private static func ending(_ row: SQLRow, _ cause: String, _ code: String, _ parameters: String) throws
        -> OrderEnding?
    {
        guard try !row.isNull(cause), let refusal = try refusal(row, code, parameters) else { return nil }
        return OrderEnding(cause: try row.value(cause, as: Cause.self), refusal: refusal)
    }

    static func refusal(_ row: SQLRow, _ code: String, _ parameters: String) throws -> Refusal? {
        guard try !row.isNull(code) else { return nil }
        return Refusal(
            try row.value(code, as: RefusalCode.self), try decode([String: Int64].self, from: row.text(parameters)))
    }

    static func encode(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    private static func decode<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: Data(text.utf8))
        } catch {
            throw SQLError(.shape, "a JSON column is not a \(type)")
        }
    }
}

extension OrderMark {
    /// Its column in `orders_orders`.
    var column: StaticString {
        switch self {
        case .paymentConfirmed: "payment_confirmed"
        case .inventoryConfirmed: "inventory_confirmed"
        case .itemDeducted: "item_deducted"
        case .couponUsed: "coupon_used"
        case .paymentRollback: "payment_rollback"
        case .inventoryRollback: "inventory_rollback"
        case .itemRestored: "item_restored"
        case .couponReleased: "coupon_released"
        }
    }
}
