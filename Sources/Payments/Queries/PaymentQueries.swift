import PurchaseContracts
import SQLCore
import SagaChoreography

/// What others may ask of Payments.
public struct PaymentQueries {
    let transaction: any SQLTransaction

    public init(_ transaction: any SQLTransaction) { self.transaction = transaction }

    /// The payment of an order; `nil` until everything is reserved for it (or cancelling was asked).
    ///
    /// - Throws: ``SQLError``.
    public func payment(of order: OrderID) throws -> PaymentView? {
        guard let row = try transaction.first("SELECT * FROM payments_saga WHERE subject = \(order)") else {
            return nil
        }
        let refunded = try transaction.first(
            "SELECT 1 AS one FROM payments_refunds WHERE order_id = \(order) AND state = 'REFUNDED'")
        return PaymentView(try PaymentRow.payment(row), isRefundedByAdmin: refunded != nil)
    }

    /// When the gateway is to be asked next; `nil` if no payment waits for it.
    ///
    /// - Throws: ``SQLError``.
    public func nextDueAt(of book: GatewayBook) throws -> Timestamp? {
        let due = try nextDue(book)
        return [due.payment, due.refund].compactMap { $0 }.min()
    }

    /// Whether what is due longest is a refund.
    func isRefundNext(_ book: GatewayBook) throws -> Bool {
        let due = try nextDue(book)
        guard let refund = due.refund else { return false }
        return due.payment.map { refund < $0 } ?? true
    }

    private func nextDue(_ book: GatewayBook) throws -> (payment: Timestamp?, refund: Timestamp?) {
        let row = try transaction.first(
            """
            SELECT (SELECT MIN(next_attempt_at) FROM payments_saga WHERE state = 'PROCESSING') AS payment,
                (SELECT MIN(r.next_attempt_at) FROM payments_refunds AS r
                    JOIN payments_saga AS p ON p.subject = r.order_id
                    WHERE r.state = 'REFUNDING' AND p.book = \(book.rawValue)) AS refund
            """)
        return (
            try row?.optionalInt64("payment").map { Timestamp(milliseconds: $0) },
            try row?.optionalInt64("refund").map { Timestamp(milliseconds: $0) }
        )
    }

    /// How many open payments, or refunds of payments, were asked of a gateway that keeps its book elsewhere than `book`.
    ///
    /// - Throws: ``SQLError``.
    public func waiting(forOtherThan book: GatewayBook) throws -> Int {
        try transaction.first(
            """
            SELECT COUNT(*) AS n FROM payments_saga
            WHERE attempted = \(true) AND book <> \(book.rawValue) AND (state = 'PROCESSING' OR state = 'REFUNDING'
                AND EXISTS (SELECT 1 FROM payments_refunds AS r
                    WHERE r.order_id = subject AND r.state = 'REFUNDING' AND r.attempts > 0))
            """)?.int("n") ?? 0
    }

    /// For each order that Payments knows what a check across services must compare.
    ///
    /// - Throws: ``SQLError``.
    public func settlement(of orders: [OrderID]) throws -> [OrderID: PaymentSettlement] {
        let nets = try GatewayLedger.net(of: orders, in: transaction)
        let rows = try transaction.rows(
            """
            SELECT subject, state, settled, amount, captured_amount, refunded_amount, book FROM payments_saga
            WHERE subject IN (\(list: orders))
            """)
        var settlements: [OrderID: PaymentSettlement] = [:]
        for row in rows {
            let order = OrderID(try row.uuid("subject"))
            let (captured, refunded) = (try row.int64("captured_amount"), try row.int64("refunded_amount"))
            let booked: Money =
                switch try row.value("book", as: GatewayBook.self) {
                case .here: nets[order] ?? .zero
                case .elsewhere: Money(captured - refunded)
                }
            settlements[order] = PaymentSettlement(
                state: try row.value("state", as: PaymentState.self), isSettled: try row.bool("settled"),
                amount: Money(try row.int64("amount")), captured: Money(captured), refunded: Money(refunded),
                gatewayNet: booked)
        }
        return settlements
    }
}

/// One order's payment as a check across services compares it.
public struct PaymentSettlement: Sendable, Hashable {
    public let state: PaymentState
    public let isSettled: Bool
    /// What was to be paid.
    public let amount: Money
    public let captured: Money
    public let refunded: Money
    /// What the gateway took and did not give back: by its own book if that is in this database, else by its answers.
    public let gatewayNet: Money

    public init(
        state: PaymentState, isSettled: Bool, amount: Money, captured: Money, refunded: Money, gatewayNet: Money
    ) {
        self.state = state
        self.isSettled = isSettled
        self.amount = amount
        self.captured = captured
        self.refunded = refunded
        self.gatewayNet = gatewayNet
    }
}
