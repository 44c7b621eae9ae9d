import Foundation
import ProcessDriver
import TestServers
import Testing

/// The example client against the built program, which is killed while it buys.
@Suite struct `The example buyer` {
    private static let sure = ["PAYMENT_SUCCESS_RATE": "1", "PAYMENT_UNKNOWN_RATE": "0", "PAYMENT_LATENCY": "0"]
    /// No order ends while its server runs: it is killed before that, however slow this machine is.
    private static let slow = sure.merging(["PAYMENT_LATENCY": "60000", "PAYMENT_TIMEOUT": "60001"]) { $1 }

    private static func buyer(_ arguments: [String], in workspace: Workspace) throws -> PurchaseProgram {
        try PurchaseProgram(arguments, [:], in: workspace, program: "example-buyer", name: "buyer")
    }

    @Test(.timeLimit(.minutes(10)))
    func `buys once and hears each event once, though the server is killed twice meanwhile`() async throws {
        let workspace = try Workspace("buyer")
        let port = try freePort()
        var server = try await Server.start(in: workspace, environment: Self.slow, port: port)
        let proxy = try await FaultyProxy.start(to: port)
        let shop = Storefront()
        shop.moved(to: server.url)
        let data = try await shop.setUpTestData()
        proxy.loseNextAnswer(to: "POST /orders")
        let buyer = try Self.buyer(["http://127.0.0.1:\(proxy.port)", "--quantity", "2"], in: workspace)

        // The order is there, and its answer does not come: the buyer cannot know whether it was placed.
        _ = try await waiting(for: "an order") {
            try await shop.get("/user/\(data.user.id)/orders", token: data.tokens.user, as: Seen.OrderPage.self)
                .orders.first
        }
        #expect(buyer.out == "")
        try await server.kill()
        proxy.cut()
        server = try await Server.start(in: workspace, environment: Self.slow, port: port)
        try await until("the first events") { buyer.out.contains("payment.reserved of users") }
        try await server.kill()
        try await until("a lost stream") { buyer.out.contains("the stream ended early") }
        server = try await Server.start(in: workspace, environment: Self.sure, port: port)

        #expect(try await buyer.end(within: .seconds(300)) == .code(0), "\(buyer.out)\(buyer.errors)")
        let lines = buyer.out.split(separator: "\n")
        #expect(lines.first?.hasSuffix("placed before") == true, "\(buyer.out)")
        #expect(lines.last == "COMPLETED")
        let events = lines.filter { $0.hasPrefix("event ") }
        #expect(Set(events).count == events.count, "\(buyer.out)")
        let types = Set(events.compactMap { $0.split(separator: " ").dropFirst(2).first.map(String.init) })
        #expect(types.isSuperset(of: ["order.created", "payment.processed", "order.completed", "order.settled"]))

        let orders = try await shop.get(
            "/user/\(data.user.id)/orders", token: data.tokens.user, as: Seen.OrderPage.self
        ).orders
        #expect(orders.map(\.status) == ["COMPLETED"])
        #expect(try await server.stop() == .code(0))
        let verified = try await workspace.run(["verify", "--env", "test", "--database", workspace.database])
        #expect(verified.exit == .code(0), "\(verified.out)")
        try await proxy.close()
        workspace.remove()
    }

    @Test(.timeLimit(.minutes(2)))
    func `says what became of an order that is refused or fails`() async throws {
        try await withServer(Self.sure.merging(["TEST_USER_BALANCE": "15000"]) { $1 }) {
            server in
            let workspace = try Workspace("buyer-refused")
            let poor = try Self.buyer([server.url, "--quantity", "2"], in: workspace)
            #expect(try await poor.end(within: .seconds(60)) == .code(1), "\(poor.out)\(poor.errors)")
            #expect(poor.out.hasSuffix("FAILED because of users.insufficient-balance\n"), "\(poor.out)")
            let absurd = try Self.buyer([server.url, "--quantity", "0"], in: workspace)
            #expect(try await absurd.end(within: .seconds(60)) == .code(2), "\(absurd.out)\(absurd.errors)")
            #expect(absurd.out == "refused: 422 request.invalid\n", "\(absurd.out)")
            workspace.remove()
        }
    }
}
