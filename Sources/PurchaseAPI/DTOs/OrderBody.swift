import Orders
import PurchaseContracts
import SagaChoreography

/// An order as it is answered.
struct OrderBody: Encodable {
    struct Item: Encodable {
        let itemId: String
        let name: String
        let quantity: Int64
        let unitPrice: Int64
        /// `nil` if it does not fit, which no order that was taken has.
        let amount: Int64?
    }

    struct Undone: Encodable {
        let done: Int
        let of: Int
    }

    struct Failure: Encodable {
        let cause: String
        let code: String
        let message: String
        /// The numbers behind it, such as `requested` and `available`.
        let parameters: [String: Int64]
    }

    struct Links: Encodable {
        let `self`: String
        let cancel: String?
    }

    let id: String
    let userId: String
    let status: String
    let items: [Item]
    let totalAmount: Int64
    let discountAmount: Int64
    let finalAmount: Int64
    let currency: String
    let createdAt: String
    let links: Links
    var couponCode: String?
    var userCouponId: String?
    var updatedAt: String?
    var deadline: String?
    var endedAt: String?
    /// How it will end, while it is being undone.
    var outcome: String?
    var undone: Undone?
    /// Who asked for it to be cancelled, while that is undecided.
    var cancelRequested: String?
    var cause: String?
    var code: String?
    var failure: Failure?
    /// The last refund, open or not.
    var refund: RefundBody?
    var message: String?
}

extension OrderBody: Described {
    static let schema = Schema.object(
        "Order",
        [
            .required("id", .id), .required("userId", .id), .required("status", .choice(OrderState.self)),
            .required("items", .array(of: Item.schema)), .required("totalAmount", .amount),
            .required("discountAmount", .amount), .required("finalAmount", .amount),
            .required("currency", .currency), .required("createdAt", .time),
            .required(
                "links",
                .object("OrderLinks", [.required("self", .string), .optional("cancel", .string)])),
            .optional("couponCode", .string), .optional("userCouponId", .id), .optional("updatedAt", .time),
            .optional("deadline", .time), .optional("endedAt", .time), .optional("outcome", .string),
            .optional(
                "undone",
                .object("Undone", [.required("done", .count), .required("of", .count)])),
            .optional("cancelRequested", .string), .optional("cause", .string), .optional("code", .string),
            .optional("failure", Failure.schema), .optional("refund", RefundBody.schema), .optional("message", .string),
        ])
}

extension OrderBody.Item: Described {
    static let schema = Schema.object(
        "OrderLine",
        [
            .required("itemId", .id), .required("name", .string), .required("quantity", .integer(1...1_000_000)),
            .required("unitPrice", .amount), .optional("amount", .amount),
        ])
}

extension OrderBody.Failure: Described {
    static let schema = Schema.object(
        "OrderFailure",
        [
            .required("cause", .string), .required("code", .string), .required("message", .string),
            .required("parameters", .map(of: .integer)),
        ])
}

extension OrderBody {
    /// The answer to POST /orders: the order as it was taken, the same however often it is asked for.
    init(placed order: OrderView) {
        id = order.id.description
        userId = order.userID.description
        status = OrderState.pending.rawValue
        items = order.lines.map(Item.init)
        totalAmount = order.total.minorUnits
        // What a coupon takes off is known later.
        discountAmount = 0
        finalAmount = order.total.minorUnits
        currency = order.currency.code
        createdAt = order.orderedAt.description
        links = Links(self: "/orders/\(order.id)", cancel: "/orders/\(order.id)/cancel")
    }

    /// The order as it is now.
    init(_ order: OrderView, in language: Language) {
        id = order.id.description
        userId = order.userID.description
        status = order.shown.rawValue
        items = order.lines.map(Item.init)
        totalAmount = order.total.minorUnits
        discountAmount = order.discount.minorUnits
        finalAmount = order.final.minorUnits
        currency = order.currency.code
        createdAt = order.orderedAt.description
        links = Links(self: "/orders/\(order.id)", cancel: order.isFinal ? nil : "/orders/\(order.id)/cancel")
        if case .code(let code)? = order.coupon { couponCode = code }
        if case .owned(let id)? = order.coupon { userCouponId = id.description }
        if let id = order.userCouponID { userCouponId = id.description }
        updatedAt = order.updatedAt.description
        deadline = order.deadline.description
        endedAt = order.endedAt?.description
        outcome = order.outcome?.rawValue
        undone = order.undone.map { Undone(done: $0.done, of: $0.of) }
        cancelRequested = order.cancelRequested?.rawValue
        cause = order.cause?.rawValue
        code = order.refusal?.code.rawValue
        refund = order.refund.map { RefundBody($0, in: language) }
        if let cause = order.cause, let refusal = order.refusal {
            failure = Failure(
                cause: cause.rawValue, code: refusal.code.rawValue,
                message: Catalogue.wording(of: refusal.code.rawValue, in: language).detail(refusal.parameters),
                parameters: refusal.parameters)
        }
    }
}

extension OrderBody.Item {
    init(_ line: OrderLine) {
        itemId = line.itemID.description
        name = line.name
        quantity = line.quantity
        unitPrice = line.unitPrice.minorUnits
        amount = try? line.unitPrice.times(line.quantity).minorUnits
    }
}
