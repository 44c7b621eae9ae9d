import Foundation
import ProcessDriver

/// What must be true once the last crash is over: every order has ended, nothing was lost, nothing happened twice.
struct Aftermath: Sendable {
    let workspace: Workspace
    let shop: Storefront
    let load: Load
    /// What tells `purchase verify` where the database is, if that isn't the workspace's file.
    var elsewhere: [String: String]?

    private var token: String { load.testData.tokens.user }
    private var userID: String { load.testData.user.id }

    /// Waits for rest and looks at everything, from outside.
    ///
    /// - Returns: what is wrong, one sentence each.
    func findings() async throws -> [String] {
        var findings = load.ledger.complaints
        let accepted = load.ledger.accepted
        findings += load.ledger.asked.subtracting(accepted.keys).map { "key \($0) was never answered" }
        let ids = accepted.values.map(\.id)
        if Set(ids).count != ids.count { findings.append("two keys were answered the same order") }

        let ended = try await endedOrders(ids)
        findings += ids.filter { ended[$0] == nil }.map { "order \($0) has no end after \(Self.patience)" }
        findings += try await replays(accepted)
        let listed = try await listedOrders()
        if Set(listed) != Set(ids) || listed.count != ids.count {
            findings.append("the user has \(listed.count) orders, \(ids.count) keys were answered")
        }
        findings += try await verification(settled: ids.count)
        // At rest: what is refunded is settled again.
        findings += try await arithmetic(Array(try await endedOrders(ids).values))
        return findings
    }

    /// How long the last open payments may take: a gateway that left an outcome open, and a claim whose owner died, are
    /// asked again after pauses that grow to a minute, and a slow machine lets more calls time out.
    private static let patience = Duration.seconds(600)

    /// The orders that end in time, by id.
    private func endedOrders(_ ids: [String]) async throws -> [String: Seen.Order] {
        let end = ContinuousClock.now + Self.patience
        return try await each(of: ids) { id in
            while true {
                let order = try await shop.get("/orders/\(id)", token: token, as: Seen.Order.self)
                if order.isFinal { return order }
                guard ContinuousClock.now < end else { return nil }
                try await pause(.milliseconds(50))
            }
        }
    }

    /// Asks once more under every key: the same order, marked as a replay.
    private func replays(_ accepted: [String: Ledger.Accepted]) async throws -> [String] {
        let answers = try await each(of: Array(accepted.keys)) { key -> String? in
            guard let known = accepted[key] else { return nil }
            let answer = try await shop.call(
                "POST", "/orders", token: token, headers: [("Idempotency-Key", key)], body: known.body)
            let id = try? answer.decoded(as: Seen.Order.self).id
            guard answer.status == 201, id == known.id, answer.headers["idempotent-replayed"] == "true" else {
                return "key \(key) is order \(known.id); asked again: \(answer.status), order \(id ?? "none")"
            }
            return nil
        }
        return Array(answers.values)
    }

    private func listedOrders() async throws -> [String] {
        var ids: [String] = []
        var cursor = ""
        while true {
            let page = try await shop.get(
                "/user/\(userID)/orders?limit=500\(cursor)", token: token, as: Seen.OrderPage.self)
            ids += page.orders.map(\.id)
            guard let next = page.next else { return ids }
            cursor = "&cursor=\(next)"
        }
    }

    /// Money, stock and goods, counted from the orders that completed.
    private func arithmetic(_ orders: [Seen.Order]) async throws -> [String] {
        var findings: [String] = []
        let completed = orders.filter { $0.status == "COMPLETED" }
        let paid = completed.map(\.finalAmount).reduce(0, +)
        let wallet = try await shop.get("/user/\(userID)/balance", token: token, as: Seen.Balance.self)
        let initial = load.testData.user.balance
        if wallet.balance + paid != initial || wallet.held != 0 {
            findings.append("paid \(paid) of \(initial), the wallet has \(wallet.balance) and holds \(wallet.held)")
        }
        var bought: [String: Int64] = [:]
        for line in completed.flatMap(\.items) { bought[line.itemId, default: 0] += line.quantity }
        let goods = try await shop.get("/user/\(userID)/inventory", token: token, as: Seen.Inventory.self).inventory
        for item in load.testData.items {
            let stock = try await shop.get("/items/\(item.id)/stock", token: token, as: Seen.Stock.self).stock
            let count = bought[item.id] ?? 0
            if stock + count != item.stock {
                findings.append("item \(item.id): \(count) of \(item.stock) bought, \(stock) left")
            }
            let owned = goods.first { $0.itemId == item.id }
            if owned?.quantity ?? 0 != count || owned?.reserved ?? 0 != 0 {
                findings.append("item \(item.id): \(count) bought, owned \(String(describing: owned))")
            }
        }
        return findings
    }

    /// `purchase verify` beside the running server: no violation, nothing in flight, every queue empty in the end.
    ///
    /// A notification whose sender died is sent again when its claim has run out, after a minute.
    private func verification(settled: Int) async throws -> [String] {
        let end = ContinuousClock.now + .seconds(120)
        while true {
            let place = elsewhere == nil ? ["--database", workspace.database] : []
            let ended = try await workspace.run(
                ["verify", "--json", "--wait", "30", "--env", "test"] + place, environment: elsewhere ?? [:],
                within: .seconds(120))
            guard ended.exit == .code(0),
                let report = try? JSONDecoder().decode(Seen.Verification.self, from: Data(ended.out.utf8))
            else { return ["verify ended with \(ended.exit): \(ended.errors)\(ended.out)"] }
            let queues = report.queues
            let isEmpty = queues.parked == 0 && queues.inbox == 0 && queues.outbox == 0
            if report.violations.isEmpty, report.isAtRest, isEmpty, report.settledOrders == settled { return [] }
            guard report.violations.isEmpty, queues.parked == 0, ContinuousClock.now < end else {
                return ["\(settled) orders were accepted; verify says: \(ended.out)"]
            }
            try await pause(.milliseconds(200))
        }
    }

    /// Does something with each element, eight at a time.
    private func each<Found: Sendable>(
        of elements: [String], _ body: @escaping @Sendable (String) async throws -> Found?
    ) async throws -> [String: Found] {
        try await withThrowingTaskGroup(of: (String, Found?).self) { group in
            var waiting = elements.makeIterator()
            func addNext() {
                if let element = waiting.next() { group.addTask { (element, try await body(element)) } }
            }
            for _ in 0..<8 { addNext() }
            var found: [String: Found] = [:]
            while let (element, result) = try await group.next() {
                found[element] = result
                addNext()
            }
            return found
        }
    }
}
