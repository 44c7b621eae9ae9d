import Foundation
import ProcessDriver
import SagaChoreography
import TestServers
import Testing

/// Real processes, one service each where it matters.
@Suite(.serialized, .enabled(if: SplitSystem.allowsTests, "\(SplitSystem.explanation)"))
struct `A service that is stopped` {
    private struct Journey: Decodable {
        struct Verdict: Decodable {
            let code: String
            let stuck: Bool
            let sentence: String
            let advice: String?
        }
        struct Expected: Decodable {
            let event: String
            let service: String
            let due: String
        }

        let status: String
        let at: String
        let verdict: Verdict
        let expected: [Expected]
    }

    private struct Sagas: Decodable {
        struct Saga: Decodable { let orderId: String }
        let sagas: [Saga]
    }

    private struct Services: Decodable {
        struct Service: Decodable {
            let service: String
            let running: Bool
            let lag: Int?
        }
        let services: [Service]
    }

    private static func time(_ text: String) throws -> Timestamp { try #require(Timestamp(iso8601: text), "\(text)") }

    @Test(.timeLimit(.minutes(4))) func `is named by the order that waits for it, which then completes`() async throws {
        let system = try await SplitSystem("stopped")
        let others = try await system.start(
            "api,orders,coupons,users,inventory,payments,notifications,audit", system.environment())
        var items = try await system.start("items", system.environment())
        let shop = Storefront()
        shop.moved(to: others.url)
        let data = try await shop.setUpTestData()
        // Without a word: nobody hears that it ends.
        try await items.kill()

        let placed = try await shop.call(
            "POST", "/orders", token: data.tokens.user,
            body: #"{"userId":"\#(data.user.id)","items":[{"itemId":"\#(data.items[0].id)","quantity":1}]}"#)
        let order = try placed.decoded(as: Seen.Order.self).id
        func journey() async throws -> Journey {
            let answer = try await shop.call(
                "GET", "/orders/\(order)/journey", token: data.tokens.admin, headers: [("Accept-Language", "en")])
            try #require(
                answer.status == 200, "\(String(decoding: answer.body, as: UTF8.self)) \(others.program.errors)")
            return try answer.decoded(as: Journey.self)
        }
        func stuck() async throws -> [String] {
            try await shop.call("GET", "/admin/sagas?status=stuck", token: data.tokens.admin)
                .decoded(as: Sagas.self).sagas.map(\.orderId)
        }
        // By the program's own clock, however slow this one is: no answer of more than five seconds after the step was due calls
        // the order on time.
        var due: Timestamp?
        let late = try await waiting(for: "the order to be late", within: .seconds(60)) { () -> Journey? in
            let listed = try await stuck()
            let seen = try await journey()
            due = try due ?? seen.expected.first { $0.event == "item.reserved" }.map { try Self.time($0.due) }
            if let due, try Self.time(seen.at) > due + .seconds(5) { try #require(seen.verdict.stuck, "\(seen)") }
            guard seen.verdict.stuck else {
                #expect(listed.isEmpty)
                return nil
            }
            return seen
        }
        #expect(try Self.time(late.at) > (try #require(due)))
        #expect(late.verdict.code == "consumer-down", "\(late)")
        #expect(late.expected.map(\.event) == ["item.reserved"] && late.expected.map(\.service) == ["items"])
        #expect(late.verdict.sentence.contains("item.reserved from items is missing"))
        #expect(late.verdict.advice?.contains("purchase serve --services items") == true)
        #expect(try await stuck() == [order])
        // The same sentence without the API.
        let explained = try await system.workspace.run(["explain", order], environment: system.environment())
        #expect(explained.out.contains("item.reserved from items is missing"), "\(explained.out) \(explained.errors)")

        let services = try await shop.call("GET", "/admin/services", token: data.tokens.admin)
            .decoded(as: Services.self).services
        #expect(services.filter { !$0.running }.map(\.service) == ["items"])
        #expect(services.first { $0.service == "items" }.flatMap(\.lag).map { $0 > 0 } == true, "\(services)")

        items = try await system.start("items", system.environment())
        _ = try await waiting(for: "the order to be settled", within: .seconds(60)) { () -> Journey? in
            let seen = try await journey()
            return seen.verdict.code == "settled" ? seen : nil
        }
        #expect(try await journey().status == "COMPLETED")
        #expect(try await stuck().isEmpty)
        let verified = try await system.workspace.run(["verify", "--wait", "30"], environment: system.environment())
        #expect(verified.exit == .code(0), "\(verified.out) \(verified.errors)")
        try await system.finish([others, items])
    }
}
