import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

extension OrderStore {
    /// Locks orders, in a fixed order, and reads them but for a refund, which nobody has who moves on; those that do not exist are
    /// missing.
    func lock(_ ids: [OrderID]) throws -> [OrderID: OrderRecord] {
        guard !ids.isEmpty else { return [:] }
        let suffix: StaticString = transaction.dialect == .postgres ? " ORDER BY subject FOR UPDATE" : ""
        let asked = try transaction.asking(
            BoundedList.parts(of: ids.sorted()).map { part in
                "SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE subject IN (\(list: part))\(fixed: suffix)"
            })
        let lines = try asking(linesOf: ids.sorted())
        let (rows, found) = (try asked.rows(), try lines.answer())
        return Dictionary(
            uniqueKeysWithValues: try rows.map { row in
                let id = OrderID(try row.uuid("subject"))
                return (id, try OrderRow.record(row, lines: found[id] ?? [], refund: nil))
            })
    }

    /// Changes orders: a statement for all that change alike, and nobody waits for it.
    ///
    /// - Parameter wereRead: whether they were locked and read. If not, they are supposed to be as `changes` has them, without a wish to
    ///   cancel them.
    /// - Throws: ``WrongSupposition`` if they are not.
    func advance(_ changes: [OrderID: OrderChange], wereRead: Bool, at now: Timestamp) throws {
        let failure: any Error = wereRead ? Self.raced : WrongSupposition()
        // In a fixed order, so that the same batch makes the same statements.
        let alike = Dictionary(grouping: changes.keys) { changes[$0] }
            .compactMap { change, ids in change.map { (name: $0.name, change: $0, ids: ids) } }
        for (_, change, ids) in alike.sorted(by: { $0.name < $1.name }) {
            for part in BoundedList.parts(of: ids.sorted()) {
                try transaction.later(
                    Self.advancing(change, of: part, isSupposed: !wereRead, at: now),
                    changing: ExpectedChanges(part.count, else: failure))
            }
            if change.settles { announceSettled(ids) }
        }
    }

    private static func advancing(
        _ change: OrderChange, of ids: [OrderID], isSupposed: Bool, at now: Timestamp
    ) -> SQLStatement {
        var text = SQLStatement.StringInterpolation(literalCapacity: 400, interpolationCount: 6)
        text.appendLiteral("UPDATE orders_orders SET updated_at = ")
        text.appendInterpolation(now.milliseconds)
        for mark in change.marks {
            text.appendLiteral(", ")
            text.appendInterpolation(fixed: mark.column)
            text.appendLiteral(" = TRUE")
        }
        if change.to != change.from {
            text.appendLiteral(", state = ")
            text.appendInterpolation(change.to.rawValue)
            if change.to == .completed {
                text.appendLiteral(", ended_at = ")
                text.appendInterpolation(now.milliseconds)
            }
        }
        if change.settles {
            text.appendLiteral(", settled = TRUE, settled_at = ")
            text.appendInterpolation(now.milliseconds)
        }
        text.appendLiteral(" WHERE subject IN (")
        text.appendInterpolation(list: ids)
        text.appendLiteral(") AND state = ")
        text.appendInterpolation(change.from.rawValue)
        if isSupposed {
            // Not `NOT settled` as well, which the state implies: PostgreSQL would look for the rows in its indexes of all that is open.
            text.appendLiteral(" AND cancel_cause IS NULL AND coupon IS NULL")
            for mark in change.marks {
                text.appendLiteral(" AND NOT ")
                text.appendInterpolation(fixed: mark.column)
            }
        }
        return SQLStatement(stringInterpolation: text)
    }
}
