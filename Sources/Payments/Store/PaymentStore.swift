import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// The state row of each order's payment.
struct PaymentStore {
    static let table = "payments_saga"

    let step: SQLStep
    private var transaction: any SQLTransaction { step.transaction }
    private var now: Int64 { step.now.milliseconds }

    init(_ step: SQLStep) { self.step = step }

    /// A payment that is to begin.
    struct Opening {
        let order: OrderFacts
        let state: PaymentState
        let origin: Origin
        /// A worker is committed to calling the gateway at once.
        let claim: Claim?
    }

    /// What is committed to with a call.
    struct Claim {
        let leaseEnd: Timestamp
        let book: GatewayBook
    }

    /// Opens the rows of orders that have none; that none has one may be supposed.
    ///
    /// - Returns: the states of those that have one.
    /// - Throws: ``WrongSupposition``; ``SQLError`` `.busy` if another transaction opened one meanwhile.
    func open(_ openings: [Opening]) throws -> [OrderID: PaymentState] {
        let found = step.maySuppose ? [:] : try states(of: openings.map(\.order.id))
        let new = openings.filter { found[$0.order.id] == nil }
        let raced = step.refusal(SQLError(.busy, "payments_saga: another transaction inserted a row first"))
        try Self.insertion.later(new, in: transaction, else: raced) { opening in
            let order = opening.order
            let isDecided = opening.state != .processing
            let dueAt = isDecided ? nil : opening.claim?.leaseEnd.milliseconds ?? now
            return [
                .uuid(order.id.uuid), .text(opening.state.rawValue), .bool(false), .integer(now), .integer(now),
                .uuid(order.userID.uuid), order.final.sqlValue, order.currency.sqlValue,
                .utf8(order.directJSON()), opening.origin.event.sqlValue, dueAt.sqlValue,
                isDecided ? .integer(now) : .null, opening.origin.traceparent.sqlValue,
                .bool(opening.claim != nil), .integer(opening.claim == nil ? 0 : 1),
                .text((opening.claim?.book ?? .here).rawValue),
            ]
        }
        announce(new)
        return found
    }

    /// Tells the workers what they have to do once this is durable.
    private func announce(_ openings: [Opening]) {
        let (claimed, rest) = (openings.filter { $0.claim != nil }, openings.filter { $0.claim == nil })
        if let claim = claimed.first?.claim {
            let calls = claimed.map { opening in
                ClaimedPayment(beginning: .init(order: opening.order, origin: opening.origin))
            }
            transaction.announce(GatewayDesk.Claimed(calls: calls, leaseEnd: claim.leaseEnd))
        }
        if rest.contains(where: { $0.state == .processing }) { transaction.announce(GatewayDesk.Due(at: step.now)) }
    }

    private static let insertion = ManyRows(
        into: """
            payments_saga (subject, state, settled, created_at, updated_at, user_id, amount, currency, facts, caused_by,
                next_attempt_at, decided_at, traceparent, attempted, attempts, book)
            """,
        columns: [
            .uuid, .text, .bool, .integer, .integer, .uuid, .integer, .text, .text, .uuid, .integer, .integer, .text,
            .bool, .integer, .text,
        ],
        suffix: "ON CONFLICT (subject) DO NOTHING")

    private func states(of orders: [OrderID]) throws -> [OrderID: PaymentState] {
        let states = try StateTable<PaymentState>(Self.table).states(of: orders.map(\.uuid), in: transaction)
        return Dictionary(uniqueKeysWithValues: states.map { (OrderID($0.key), $0.value) })
    }

    /// Leaves a tombstone for an item.reserved that has not come yet.
    ///
    /// - Throws: ``SQLError`` `.busy` if another transaction inserted a row first.
    func openTombstone(_ order: OrderFacts, because cancel: PaymentFailure) throws {
        try guarded(
            """
            INSERT INTO payments_saga (subject, state, settled, created_at, updated_at, user_id, amount, currency, facts,
                cancel_cause, cancel_code, cancel_parameters, failure_code, decided_at)
            VALUES (\(order.id), 'TOMB', \(false), \(now), \(now), \(order.userID), \(order.final), \(order.currency),
                \(SQLValue.utf8(order.directJSON())), \(cancel.cause.rawValue), \(cancel.refusal.code.rawValue),
                \(try PaymentRow.text(cancel.refusal.parameters)), \(cancel.refusal.code.rawValue), \(now))
            ON CONFLICT (subject) DO NOTHING
            """)
    }

    /// Locks and reads a payment; `nil` if Payments never touched the order.
    func payment(of order: OrderID) throws -> Payment? { try payments(of: [order])[order] }

    /// Locks and reads payments; those of orders that Payments never touched are missing.
    func payments(of orders: [OrderID]) throws -> [OrderID: Payment] {
        var payments: [OrderID: Payment] = [:]
        for part in BoundedList.parts(of: orders.sorted()) {
            let statement: SQLStatement =
                switch transaction.dialect {
                case .sqlite: "SELECT * FROM payments_saga WHERE subject IN (\(list: part))"
                case .postgres:
                    "SELECT * FROM payments_saga WHERE subject IN (\(list: part)) ORDER BY subject FOR UPDATE"
                }
            for row in try transaction.rows(statement) {
                let payment = try PaymentRow.payment(row)
                payments[payment.order.id] = payment
            }
        }
        return payments
    }

    /// PROCESSING, never asked for → TOMB.
    func bury(_ payment: Payment, because cancel: PaymentFailure) throws {
        try guarded(
            """
            UPDATE payments_saga SET state = 'TOMB', next_attempt_at = NULL, decided_at = \(now), updated_at = \(now),
                cancel_cause = \(cancel.cause.rawValue), cancel_code = \(cancel.refusal.code.rawValue),
                cancel_parameters = \(try PaymentRow.text(cancel.refusal.parameters)),
                failure_code = \(cancel.refusal.code.rawValue)
            WHERE subject = \(payment.order.id) AND state = 'PROCESSING' AND attempted = \(false)
            """)
    }

    /// Sets the cancel flag; the first cause stays.
    func flag(_ payment: Payment, toCancelBecause cancel: PaymentFailure) throws {
        try guarded(
            """
            UPDATE payments_saga SET cancel_cause = \(cancel.cause.rawValue),
                cancel_code = \(cancel.refusal.code.rawValue),
                cancel_parameters = \(try PaymentRow.text(cancel.refusal.parameters)), updated_at = \(now)
            WHERE subject = \(payment.order.id) AND state = 'PROCESSING' AND attempted = \(true) AND cancel_cause IS NULL
            """)
    }

    /// Marks what is due as attempted and leases it.
    func claimDue(limit: Int, until leaseEnd: Timestamp, book: GatewayBook) throws -> [ClaimedPayment] {
        try transaction.rows(
            """
            UPDATE payments_saga SET attempted = \(true), attempts = attempts + 1,
                next_attempt_at = \(leaseEnd.milliseconds), book = \(book.rawValue), updated_at = \(now)
            WHERE subject \(fixed: transaction.dialect.isOne)
                SELECT subject FROM payments_saga WHERE state = 'PROCESSING' AND next_attempt_at <= \(now)
                ORDER BY next_attempt_at, subject LIMIT \(limit)\(fixed: transaction.dialect.ofThose)
            RETURNING subject, phase, amount, currency, gateway_reference, attempts, traceparent
            """
        ).map(PaymentRow.claim).sorted { $0.orderID < $1.orderID }
    }

    /// Makes payments due that were claimed as they were opened, and whose calls were never made.
    func release(_ orders: [OrderID]) throws {
        try transaction.execute(
            """
            UPDATE payments_saga SET next_attempt_at = \(now), updated_at = \(now)
            WHERE subject IN (\(list: orders)) AND state = 'PROCESSING' AND phase = 'charge' AND attempts = 1
                AND next_attempt_at > \(now)
            """)
    }

    /// Runs a change that must take effect on one row.
    ///
    /// - Throws: ``SQLError`` `.busy` if the row is no longer as it was read.
    func guarded(_ statement: SQLStatement) throws {
        guard try transaction.changesOne(statement) else {
            throw SQLError(.busy, "payments_saga: another transaction changed the row first")
        }
    }
}
