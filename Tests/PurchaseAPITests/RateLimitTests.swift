import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import SagaChoreography
import Testing

@testable import PurchaseAPI

@Suite struct `Limits on callers` {
    private static let start = Timestamp(milliseconds: 1_767_225_600_000)

    @Test func `a window's requests are fine at once, then they come back evenly`() {
        let limiter = RateLimiter(RateLimit(window: .seconds(60), requests: 3))
        let first = (0..<3).map { _ in limiter.ask("a", at: Self.start) }
        #expect(first.map(\.isAllowed) == [true, true, true])
        #expect(first.map(\.remaining) == [2, 1, 0])
        let refused = limiter.ask("a", at: Self.start)
        #expect(!refused.isAllowed)
        #expect(refused.seconds == 20)
        #expect(limiter.ask("b", at: Self.start).isAllowed)
        #expect(!limiter.ask("a", at: Self.start + .milliseconds(19_999)).isAllowed)
        #expect(limiter.ask("a", at: Self.start + .seconds(20)).isAllowed)
        #expect(!limiter.ask("a", at: Self.start + .seconds(20)).isAllowed)
        #expect(limiter.ask("a", at: Self.start + .seconds(3600)).remaining == 2)
    }

    @Test func `what was not used for long is forgotten, what is used stays`() {
        var seen = RecentlySeen<Int, Int>(capacity: 100)
        seen[-1] = 7
        for key in 0..<10_000 {
            seen[key] = key
            if key % 20 == 0 { seen[-1] = seen[-1] }
            #expect(seen.count <= 100)
        }
        #expect(seen[-1] == 7)
        #expect(seen[0] == nil)
        #expect(seen[9_999] == 9_999)
    }

    @Test(
        arguments: [
            (nil, "10.0.0.1"), ("203.0.113.9", "203.0.113.9"), ("6.6.6.6, 203.0.113.9", "203.0.113.9"),
            ("203.0.113.9, 10.0.0.2", "203.0.113.9"), ("10.0.0.2", "10.0.0.1"), (" , ", "10.0.0.1"),
            (String(repeating: "x", count: 100), "10.0.0.1"),
        ] as [(String?, String)])
    func `the address behind our proxies is the nearest that is not ours`(forwarded: String?, client: String) throws {
        var headers: HTTPFields = [:]
        let field = try #require(HTTPField.Name("X-Forwarded-For"))
        if let forwarded { headers[field] = forwarded }
        let found = ClientAddressMiddleware.client(
            behind: "10.0.0.1", headers, trusted: ["10.0.0.1", "10.0.0.2"])
        #expect(found == client)
    }

    @Test func `orders beyond the limit get 429 and are not placed, another user's are`() async throws {
        try await APIHarness.run(rateLimit: RateLimit(window: .seconds(60), requests: 5)) { api in
            let data = try await api.testData()
            let remaining = try #require(HTTPField.Name("RateLimit-Remaining"))
            for left in [4, 3, 2, 1, 0] {
                let answer = try await api.send(.post, "/orders", token: data.userToken, data.order(1))
                #expect(answer.status == .created)
                #expect(answer.headers[remaining] == String(left))
            }
            let refused = try await api.send(.post, "/orders", token: data.userToken, data.order(1))
            #expect(refused.status == .tooManyRequests)
            #expect(refused.code == "request.too-many")
            #expect(refused.headers[.retryAfter] == "12")
            let other = try await api.send(.post, "/orders", token: data.adminToken, data.order(1))
            #expect(other.status == .created)
            let orders = try await api.send(.get, "/user/\(data.user)/orders", token: data.userToken)
            #expect(try orders.array("orders").count == 6)
        }
    }

    @Test func `logins are counted by address, a fifth of the rest, whether they succeed or not`() async throws {
        try await APIHarness.run(rateLimit: RateLimit(window: .seconds(60), requests: 10)) { api in
            let body = #"{"name":"nobody","password":"wrong password"}"#
            for _ in 0..<2 {
                let wrong = try await api.send(.post, "/auth/login", body)
                #expect(wrong.status == .unauthorized)
            }
            let refused = try await api.send(.post, "/auth/login", body)
            #expect(refused.status == .tooManyRequests)
            #expect(refused.headers[.retryAfter] == "30")
            let open = try await api.send(.get, "/items")
            #expect(open.status == .ok)
        }
    }

    @Test func `when all places are taken the answer is 503 at once, and health still answers`() async throws {
        try await APIHarness.run(requestsAtOnce: 0) { api in
            let busy = try await api.send(.get, "/items")
            #expect(busy.status == .serviceUnavailable)
            #expect(busy.code == "service.overloaded")
            #expect(busy.headers[.retryAfter] == "1")
            let health = try await api.send(.get, "/health/live")
            #expect(health.status == .ok)
        }
    }

    @Test func `a place is given back whatever the answer was`() async throws {
        try await APIHarness.run(requestsAtOnce: 1) { api in
            for _ in 0..<3 {
                let refused = try await api.send(.get, "/users/me/none")
                #expect(refused.status == .notFound)
                let open = try await api.send(.get, "/items")
                #expect(open.status == .ok)
            }
        }
    }

    @Test func `refused access is audited once a minute for each caller, route and reason`() async throws {
        let log = RefusalLog()
        let key = RefusalLog.Key(address: "203.0.113.9", actor: nil, reason: "no token", route: "GET /orders/{id}")
        #expect(log.admit(key, at: Self.start) == 0)
        for _ in 0..<1000 { #expect(log.admit(key, at: Self.start + .seconds(59)) == nil) }
        #expect(log.admit(key, at: Self.start + .seconds(60)) == 1000)
        #expect(log.admit(key, at: Self.start + .seconds(61)) == nil)
        let other = RefusalLog.Key(address: "203.0.113.9", actor: nil, reason: "no token", route: "GET /items")
        #expect(log.admit(other, at: Self.start) == 0)

        try await APIHarness.run { api in
            for _ in 0..<20 { _ = try await api.send(.get, "/orders/\(UUID())") }
            let rows = try await api.refusals()
            #expect(rows == 1)
        }
    }
}
