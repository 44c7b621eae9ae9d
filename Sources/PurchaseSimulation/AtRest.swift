import FoundationEssentials
import PurchaseApp
import SQLCore
import SagaSQL
import SagaTesting

/// Nothing is under way any more: every order is settled, and no row of the engine is left.
struct AtRest {
    /// Something is under way for too long.
    struct NotReached: Error, CustomStringConvertible {
        let what: [String]
        var description: String { "not at rest: " + what.joined(separator: "; ") }
    }

    private let world: ShopWorld

    init(_ world: ShopWorld) { self.world = world }

    private static let busy: SQLStatement = """
        SELECT 1 AS busy WHERE EXISTS (SELECT 1 FROM orders_orders WHERE NOT settled)
            OR EXISTS (SELECT 1 FROM saga_outbox) OR EXISTS (SELECT 1 FROM saga_retries)
            OR EXISTS (SELECT 1 FROM saga_inbox)
            OR EXISTS (SELECT 1 FROM notifications_messages WHERE state = 'PENDING')
        """

    var isReached: Bool {
        get throws {
            try world.store.read { try $0.first(Self.busy) == nil } && world.broker.pendingCount == 0
                && missing.isEmpty
        }
    }

    /// What is parked and has to be told again.
    var missing: [ParkedMessage] {
        get throws {
            try world.store.read { try ParkedMessages.list(limit: 100, in: $0) }.filter(world.poison.isMissing)
        }
    }

    /// What is under way, for people.
    func underWay() throws -> [String] {
        try world.store.read { transaction in
            var lines: [String] = []
            for row in try transaction.rows(
                "SELECT lower(hex(subject)) AS id, state FROM orders_orders WHERE NOT settled")
            {
                lines.append("order \(try row.text("id")) is \(try row.text("state"))")
            }
            for row in try transaction.rows(
                """
                SELECT type, COALESCE(lower(hex(subject)), '-') AS id, acknowledged FROM saga_outbox ORDER BY seq LIMIT 10
                """)
            {
                let end = try row.bool("acknowledged") ? ", acknowledged" : ""
                lines.append("outbox: \(try row.text("type")) of \(try row.text("id"))\(end)")
            }
            for row in try transaction.rows("SELECT consumer, reason FROM saga_retries LIMIT 10") {
                lines.append("retry of \(try row.text("consumer")): \(try row.text("reason"))")
            }
            for row in try transaction.rows("SELECT consumer, type, reason FROM saga_parked LIMIT 10") {
                lines.append(
                    "parked by \(try row.text("consumer")): \(try row.text("type")): \(try row.text("reason"))")
            }
            for row in try transaction.rows("SELECT consumer, lower(hex(subject)) AS id FROM saga_inbox LIMIT 10") {
                lines.append("inbox of \(try row.text("consumer")): \(try row.text("id"))")
            }
            for row in try transaction.rows(
                "SELECT template, attempts FROM notifications_messages WHERE state = 'PENDING' LIMIT 10")
            {
                lines.append("\(try row.text("template")) is to be sent, tried \(try row.int("attempts")) times")
            }
            if world.broker.pendingCount > 0 { lines.append("\(world.broker.pendingCount) deliveries wait") }
            return lines
        }
    }

    /// Checks what must hold at rest.
    ///
    /// - Throws: ``ShopWatch/Broken``, ``NotReached``.
    func check() throws {
        guard try isReached else { throw NotReached(what: try underWay()) }
        try world.watch.check()
        let poisoned = world.poison.lost
        let parked = try world.store.read { transaction in
            try transaction.rows("SELECT consumer, type, kind, reason, subject FROM saga_parked")
        }
        for row in parked {
            let isPoison =
                try row.text("kind") == "undecodable" && row.optionalUUID("subject").map(poisoned.contains) == true
            guard !isPoison else { continue }
            throw ShopWatch.Broken(
                "saga.parked", "only what can never be read is parked",
                "\(try row.text("consumer")) parked \(try row.text("type")): \(try row.text("reason"))")
        }
    }
}
