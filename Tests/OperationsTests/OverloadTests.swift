import Foundation
import ProcessDriver
import TestServers
import Testing

/// As many orders as can be finished, on PostgreSQL and Redis: one process has the API, others do the rest.
@Suite(.serialized, .enabled(if: SplitSystem.allowsTests, "\(SplitSystem.explanation)"))
struct `More orders than can be finished` {
    private static let limit = 20

    @Test(.timeLimit(.minutes(4))) func `are refused with 503 and Retry-After, and every one that was taken ends`()
        async throws
    {
        let system = try await SplitSystem("overload")
        let environment = system.environment().merging(["SAGA_MAX_UNDER_WAY": "\(Self.limit)"]) { $1 }
        let others = try await system.start("orders,coupons,users,inventory,payments,notifications,audit", environment)
        var items = try await system.start("items", environment)
        let api = try await system.start("api", environment)
        let shop = Storefront()
        shop.moved(to: api.url)
        let data = try await shop.setUpTestData()
        // From here on nothing is finished, and nothing depends on who is quick.
        try await items.kill()

        func place(_ key: String) async throws -> Storefront.Answer {
            try await shop.call(
                "POST", "/orders", token: data.tokens.user, headers: [("Idempotency-Key", key)],
                body: #"{"userId":"\#(data.user.id)","itemId":"\#(data.items[0].id)","quantity":1}"#)
        }
        var taken: [String: String] = [:]
        var refused: [String] = []
        for number in 0..<Self.limit + 10 {
            let answer = try await place("order-\(number)")
            switch answer.status {
            case 201: taken["order-\(number)"] = try answer.decoded(as: Seen.Order.self).id
            case 503:
                let pause = try #require(answer.headers["retry-after"].flatMap { Int($0) }, "\(answer.headers)")
                #expect(pause > 0)
                refused.append("order-\(number)")
            default: Issue.record("\(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
            }
        }
        #expect(taken.count == Self.limit && refused.count == 10, "\(taken.count) taken, \(refused.count) refused")
        // What was taken is answered as ever; of what was refused nothing is kept.
        let again = try await place("order-0")
        #expect(try again.status == 201 && again.decoded(as: Seen.Order.self).id == taken["order-0"])
        let listed = try await shop.get(
            "/user/\(data.user.id)/orders?limit=100", token: data.tokens.user, as: Seen.OrderPage.self)
        #expect(Set(listed.orders.map(\.id)) == Set(taken.values))

        items = try await system.start("items", environment)
        // As Retry-After asks: the same request, until it is taken.
        for key in refused {
            let id = try await waiting(for: "\(key) to be taken", within: .seconds(60), every: .milliseconds(250)) {
                () -> String? in
                let answer = try await place(key)
                return answer.status == 201 ? try answer.decoded(as: Seen.Order.self).id : nil
            }
            taken[key] = id
        }
        for id in taken.values {
            _ = try await waiting(for: "order \(id) to end", within: .seconds(60)) { () -> Bool? in
                try await shop.get("/orders/\(id)", token: data.tokens.user, as: Seen.Order.self).isFinal ? true : nil
            }
        }
        let verified = try await system.workspace.run(
            ["verify", "--json", "--wait", "60", "--env", "test"], environment: environment, within: .seconds(120))
        #expect(verified.exit == .code(0), "\(verified.out) \(verified.errors)")
        let report = try JSONDecoder().decode(Seen.Verification.self, from: Data(verified.out.utf8))
        #expect(report.isAtRest && report.settledOrders == Self.limit + refused.count, "\(verified.out)")
        try await system.finish([others, items, api])
    }
}
