import FoundationEssentials
import HTTPTypes
import Testing

@testable import PurchaseAPI

@Suite struct `Searching for what has a name or an id` {
    private func found(_ text: String, _ api: APIHarness, _ data: APIHarness.TestData) async throws -> [String] {
        let query = text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return try await api.send(.get, "/admin/search?q=\(query)", token: data.adminToken).array("hits").map {
            try "\($0.text("kind")) \($0.text("id"))"
        }
    }

    @Test func `finds orders, users, items, coupons and events`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let coupon = try await api.coupon(
                data.adminToken, #""code":"SPRING","discountType":"PERCENTAGE","discountValue":10"#)
            try await api.run(for: .seconds(5))
            #expect(try await found(order, api, data) == ["order \(order)"])
            #expect(try await found(data.user.uppercased(), api, data) == ["user \(data.user)"])
            #expect(try await found(data.items[0], api, data) == ["item \(data.items[0])"])
            #expect(try await found(coupon, api, data) == ["coupon \(coupon)"])
            #expect(try await found("TestU", api, data) == ["user \(data.user)"])
            #expect(try await found("마법", api, data) == ["item \(data.items[0])"])
            #expect(try await found("spring", api, data) == ["coupon \(coupon)"])
            let journey = try await api.send(.get, "/orders/\(order)/journey", token: data.userToken)
            let event = try #require(try journey.array("reactions").first?.array("emitted").first?.text("id"))
            let hits = try await api.send(.get, "/admin/search?q=\(event)", token: data.adminToken).array("hits")
            #expect(try hits.map { try $0.text("name") } == ["order.created"])
            #expect(try hits.map { try $0.text("href") } == ["/orders/\(order)/journey"])
        }
    }

    /// No stored text has one, and PostgreSQL takes none: it was an internal error there, and an export that broke off.
    @Test(arguments: [
        "/admin/search?q=", "/admin/dead-letters?type=", "/admin/dead-letters/groups?cause=", "/admin/audit?text=",
        "/admin/audit/export.csv?resourceId=",
    ])
    func `a NUL in a query is refused by name`(path: String) async throws {
        try await APIHarness.run { api in
            let admin = try await api.testData().adminToken
            let refused = try await api.send(.get, "\(path)a%00b", token: admin)
            #expect(refused.status == .unprocessableContent)
            #expect(refused.body.contains("field.control-characters"))
        }
    }

    @Test func `finds nothing of nothing, and takes what it is given for no pattern`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            for text in ["", "   ", "%", "_", "'; DROP TABLE", UUID().uuidString] {
                #expect(try await found(text, api, data).isEmpty, "\(text)")
            }
        }
    }
}
