import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Orders locked together, with what may have to be told of them.
struct LockedOrders {
    fileprivate let rows: [OrderID: SQLRow]
    fileprivate let lines: [OrderID: [OrderLine]]
    /// Where each stands; those that do not exist are missing.
    let progress: [OrderID: OrderProgress]
}

extension OrderStore {
    /// Locks orders that triggers have come of, in a fixed order.
    ///
    /// - Parameter told: those that will probably be told of: their lines come the same way.
    func lock(_ ids: [OrderID], told: [OrderID]) throws -> LockedOrders {
        let suffix: StaticString = transaction.dialect == .postgres ? " ORDER BY subject FOR UPDATE" : ""
        let asked = try transaction.asking(
            BoundedList.parts(of: ids.sorted()).map { part in
                "SELECT \(fixed: OrderRow.columns) FROM orders_orders WHERE subject IN (\(list: part))\(fixed: suffix)"
            })
        let lines = try asking(linesOf: told.sorted())
        var rows: [OrderID: SQLRow] = [:]
        rows.reserveCapacity(ids.count)
        for row in try asked.rows() { rows[OrderID(try row.uuid("subject"))] = row }
        return LockedOrders(rows: rows, lines: try lines.answer(), progress: try rows.mapValues(OrderRow.progress))
    }

    /// The facts of locked orders.
    func facts(of ids: [OrderID], in locked: LockedOrders) throws -> [OrderID: OrderFacts] {
        let missing = ids.filter { locked.lines[$0] == nil }
        let others = missing.isEmpty ? [:] : try asking(linesOf: missing.sorted()).answer()
        var facts: [OrderID: OrderFacts] = [:]
        facts.reserveCapacity(ids.count)
        for id in ids {
            guard let row = locked.rows[id] else { continue }
            facts[id] = try OrderRow.facts(row, lines: locked.lines[id] ?? others[id] ?? [])
        }
        return facts
    }

    /// Changes locked orders: a statement for all that change alike, and nobody waits for it.
    func advance(_ changes: [OrderID: OrderChange], at now: Timestamp) throws {
        // In a fixed order, so that the same batch makes the same statements.
        let alike = Dictionary(grouping: changes.keys) { changes[$0] }
            .compactMap { change, ids in change.map { (name: $0.name, change: $0, ids: ids) } }
        for (_, change, ids) in alike.sorted(by: { $0.name < $1.name }) {
            for part in BoundedList.parts(of: ids.sorted()) {
                try transaction.later(
                    Self.advancing(change, of: part, at: now), changing: ExpectedChanges(part.count, else: Self.raced))
            }
            if change.settles { announceSettled(ids) }
        }
    }

    private static func advancing(_ change: OrderChange, of ids: [OrderID], at now: Timestamp) -> SQLStatement {
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
        return SQLStatement(stringInterpolation: text)
    }
}
