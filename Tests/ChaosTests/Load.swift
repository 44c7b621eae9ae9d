import Foundation
import ProcessDriver

/// Concurrent clients that order, ask again under the same key until they are answered, and now and then cancel. Now and then an admin
/// refunds an order of before, or has its events sent again.
struct Load: Sendable {
    let shop: Storefront
    let testData: Seen.TestData.Content
    let ledger = Ledger()
    let seed: UInt64
    var clients = 6
    /// How long a client rests between two orders.
    var rest = Duration.zero

    /// Orders while `direct` kills and restarts. Ends when each client has its last answer, so `direct` leaves a server
    /// running.
    ///
    /// - Returns: what `direct` returns, such as that server.
    func run<Last: Sendable>(while direct: @escaping @Sendable () async throws -> Last) async throws -> Last {
        try await withThrowingTaskGroup(of: Last?.self) { group in
            for number in 0..<clients {
                group.addTask {
                    try await order(asClient: number)
                    return nil
                }
            }
            group.addTask {
                defer { ledger.callItADay() }
                return try await direct()
            }
            var last: Last?
            for try await result in group { last = result ?? last }
            guard let last else { throw CancellationError() }
            return last
        }
    }

    private func order(asClient number: Int) async throws {
        let random = SeededDice(seed: seed &+ UInt64(number) &* 0x9E37_79B9)
        var (count, placed) = (0, [String]())
        while !ledger.isOver {
            count += 1
            let key = "client-\(number)-order-\(count)"
            let body = body(random)
            let id = try await place(key, body)
            if random.chance(10) { _ = try await place(key, body) }
            if random.chance(10) { await cancel(id) }
            placed.append(id)
            let earlier = placed[random.below(placed.count)]
            if random.chance(10) { await refund(earlier) }
            if random.chance(3) { await resync(earlier) }
            if rest > .zero { try await pause(rest) }
        }
    }

    /// One to three lines; now and then more pieces than there are, so that what comes before is undone.
    private func body(_ random: SeededDice) -> String {
        let isTooMuch = random.chance(5)
        let lines = testData.items.indices.filter { _ in random.chance(50) }
        let chosen = lines.isEmpty ? [random.below(testData.items.count)] : lines
        let items = chosen.map { index in
            let quantity = isTooMuch ? 1_000_000 : 1 + random.below(3)
            return #"{"itemId":"\#(testData.items[index].id)","quantity":\#(quantity)}"#
        }
        return #"{"userId":"\#(testData.user.id)","items":[\#(items.joined(separator: ","))]}"#
    }

    /// What an answer to an order says.
    private enum Answered {
        case accepted(String)
        /// As many orders are under way as may be.
        case turnedAway
    }

    /// How long a client comes again and again to a shop that has as many orders as it can take, and how often.
    private static let (perseverance, pauseBetween) = (Duration.seconds(1200), Duration.seconds(2))

    /// Asks until there is an answer, through any number of crashes, always under the same key; and again while the shop takes no more.
    ///
    /// - Throws: ``UnexpectedAnswer``; ``WaitedInVain``.
    @discardableResult
    func place(_ key: String, _ body: String) async throws -> String {
        ledger.asks(key)
        let opening = "the shop to take \(key)"
        return try await waiting(for: opening, within: Self.perseverance, every: Self.pauseBetween) {
            switch try await answer(to: key, body) {
            case .accepted(let id): return id
            case .turnedAway:
                ledger.turnedAway()
                return nil
            }
        }
    }

    private func answer(to key: String, _ body: String) async throws -> Answered {
        try await waiting(for: "an answer to \(key)", within: .seconds(90), every: .milliseconds(20)) {
            let answer: Storefront.Answer
            do {
                answer = try await shop.call(
                    "POST", "/orders", token: testData.tokens.user, headers: [("Idempotency-Key", key)], body: body)
            } catch let error as WaitedInVain {
                throw error
            } catch {
                try Task.checkCancellation()
                ledger.unanswered()
                return nil
            }
            switch answer.status {
            case 201:
                let id = try answer.decoded(as: Seen.Order.self).id
                ledger.accepted(key, id, body: body)
                return .accepted(id)
            case 503:
                ledger.refused()
                return Parked.code(answer) == "orders.too-many-under-way" ? .turnedAway : nil
            default:
                let text = String(decoding: answer.body, as: UTF8.self)
                ledger.complain("POST /orders under \(key) answered \(answer.status): \(text)")
                throw UnexpectedAnswer(path: "POST /orders", status: answer.status, body: text)
            }
        }
    }

    /// Asks once, as an admin: most orders have completed by then, some have ended otherwise, or have a refund.
    private func refund(_ id: String) async {
        await intervene("POST /orders/{id}/refund", "/orders/\(id)/refund", expecting: [202, 409, 503])
    }

    /// Safe at any time, and needless mostly.
    private func resync(_ id: String) async {
        await intervene("POST /admin/orders/{id}/resync", "/admin/orders/\(id)/resync", expecting: [200, 202, 503])
    }

    private func intervene(_ what: String, _ path: String, expecting statuses: Set<Int>) async {
        let answer = try? await shop.call(
            "POST", path, token: testData.tokens.admin, body: #"{"reason":"chaos"}"#)
        guard let answer else { return ledger.unanswered() }
        if answer.status == 202 || answer.status == 200 { ledger.intervened(what) }
        if !statuses.contains(answer.status) {
            ledger.complain("\(path) answered \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
        }
    }

    /// Asks once; a crash may swallow the answer, but an order that was accepted is known for ever.
    private func cancel(_ id: String) async {
        let answer = try? await shop.call("POST", "/orders/\(id)/cancel", token: testData.tokens.user)
        guard let answer else { return ledger.unanswered() }
        ledger.cancelled()
        if ![200, 202, 409, 503].contains(answer.status) {
            ledger.complain("cancelling the accepted order \(id) answered \(answer.status)")
        }
    }
}
