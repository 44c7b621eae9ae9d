import ProcessDriver
import TestServers
import Testing

/// Real processes, of which the one that is asked sees what the others do.
@Suite(.serialized, .enabled(if: SplitSystem.allowsTests, "\(SplitSystem.explanation)"))
struct `A stream of a system of several processes` {
    private static let path = "/admin/stream"

    @Test(.timeLimit(.minutes(4))) func `shows them all, and is gone on with at another one`() async throws {
        let system = try await SplitSystem("live")
        let first = try await system.start(
            "api,orders,coupons,users,payments,notifications,audit", system.environment())
        let goods = try await system.start("items,inventory", system.environment())
        let second = try await system.start("api", system.environment())
        let shop = Storefront()
        shop.moved(to: first.url)
        let data = try await shop.setUpTestData()
        let body = #"{"userId":"\#(data.user.id)","items":[{"itemId":"\#(data.items[0].id)","quantity":1}]}"#

        let watch = OpenStream(first.url + Self.path, token: data.tokens.admin)
        // Until the other processes know that somebody watches, what they do is not shown.
        _ = try await waiting(for: "what another process handled", within: .seconds(60), every: .milliseconds(500)) {
            let placed = try await shop.call("POST", "/orders", token: data.tokens.user, body: body)
            try #require(placed.status == 201)
            return watch.text.contains(#""consumer":"inventory""#) ? true : nil
        }
        let id = try #require(watch.text.firstMatch(of: #/id: (\d+-\d+)\n/#)?.output.1)
        watch.close()

        let again = OpenStream(
            second.url + Self.path, token: data.tokens.admin, headers: [("Last-Event-ID", String(id))])
        _ = try await waiting(for: "the rest", within: .seconds(30)) {
            again.text.contains(#""consumer":"inventory""#) ? true : nil
        }
        #expect(!again.text.contains("event: gap"))
        // Streams do not hold up the end of their processes.
        try await system.finish([second, goods, first])
        #expect(again.end == .whole)
    }
}
