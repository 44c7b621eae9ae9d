import Foundation
import ProcessDriver
import Testing

@Suite struct `Explaining an order` {
    private struct Explanation: Decodable {
        let status: String
        let isSettled: Bool
        let verdict: String
        let waitsFor: [String]
    }

    @Test func `one that is over waits for nothing, one that is not there is said so`() async throws {
        try await withWorkspace { workspace in
            let server = try await Server.start(in: workspace, environment: ["PAYMENT_SUCCESS_RATE": "1"])
            let shop = Storefront()
            shop.moved(to: server.url)
            let id = try await Self.order(shop, wait: 10)
            let settled = try await waiting(for: "the order to be settled") { () -> Explanation? in
                let ended = try await workspace.run(["explain", id, "--json", "--database", workspace.database])
                let seen = try JSONDecoder().decode(Explanation.self, from: Data(ended.out.utf8))
                return seen.isSettled ? seen : nil
            }
            #expect(settled.status == "COMPLETED")
            #expect(settled.verdict.contains("waits for nothing"))

            let other = try await workspace.run(["explain", UUID().uuidString, "--database", workspace.database])
            #expect(other.exit == .code(1))
            #expect(other.errors.contains("there is no order"))
            let malformed = try await workspace.run(["explain", "x", "--database", workspace.database])
            #expect(malformed.exit == .code(64))
            #expect(try await server.stop() == .code(0))
        }
    }

    @Test func `one whose payment is not answered names the gateway, one without a server whose turn it is`()
        async throws
    {
        try await withWorkspace { workspace in
            let server = try await Server.start(
                in: workspace,
                environment: ["PAYMENT_UNKNOWN_RATE": "1", "PAYMENT_LATENCY": "0", "PAYMENT_TIMEOUT": "5000"])
            let shop = Storefront()
            shop.moved(to: server.url)
            let id = try await Self.order(shop, wait: 0)
            let arguments = ["explain", id, "--database", workspace.database]
            let seen = try await waiting(for: "the payment to be under way") { () -> Ended? in
                let ended = try await workspace.run(arguments)
                return ended.out.contains("waits for the gateway's answer") ? ended : nil
            }
            #expect(seen.exit == .code(0))
            #expect(seen.out.contains("an order is not failed on a guess"))
            #expect(seen.out.contains("item.reserved"))
            try await server.kill()
            #expect(try await workspace.run(arguments).out.contains(id))
        }
    }

    static func order(_ shop: Storefront, wait: Int) async throws -> String {
        let data = try await shop.setUpTestData()
        let answer = try await shop.call(
            "POST", "/orders", token: data.tokens.user, headers: wait > 0 ? [("Prefer", "wait=\(wait)")] : [],
            body: #"{"userId":"\#(data.user.id)","items":[{"itemId":"\#(data.items[0].id)","quantity":1}]}"#)
        return try answer.decoded(as: Seen.Order.self).id
    }
}
