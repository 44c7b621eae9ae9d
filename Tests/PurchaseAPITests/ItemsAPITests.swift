import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import Testing

@testable import PurchaseAPI

@Suite struct ItemsAPITests {
    private let shield = #"{"name":"큰 방패","price":7000,"stock":3,"description":"한 줄\n두 줄"}"#

    @Test func `a manager creates an item that can be ordered at once`() async throws {
        try await APIHarness.run { api in
            let manager = try await api.token(UserID(UUID()), [.inventoryManager])
            let created = try await api.send(.post, "/items", token: manager, shield)
            #expect(created.status == .created)
            let id = try created.text("id")
            #expect(created.headers[.location] == "/items/\(id)")
            #expect(try created.number("price") == 7000)
            #expect(try await api.send(.get, "/items/\(id)/stock").number("stock") == 3)
            let data = try await api.testData()
            let order = try await api.send(
                .post, "/orders", token: data.userToken, #"{"userId":"\#(data.user)","itemId":"\#(id)","quantity":1}"#)
            #expect(order.status == .created)
        }
    }

    @Test func `only managers and admins change the catalogue`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let stock = #"{"newStock":5,"reason":"count"}"#
            for (path, body) in [("/items", shield), ("/items/\(data.items[0])/stock", stock)] {
                #expect(try await api.send(.post, path, body).status == .unauthorized)
                let user = try await api.send(.post, path, token: data.userToken, body)
                #expect(user.status == .forbidden)
                #expect(user.code == "access.forbidden")
                #expect(try await api.send(.post, path, token: data.adminToken, body).status.kind == .successful)
            }
            #expect(try await api.refusals() == 4)
        }
    }

    @Test func `setting the stock is audited with old and new`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let path = "/items/\(data.items[1])/stock"
            let answer = try await api.send(
                .post, path, token: data.adminToken, #"{"newStock":7,"reason":"count"}"#,
                headers: [.acceptLanguage: "en"])
            #expect(answer.status == .ok)
            #expect(try answer.text("message") == "The stock is now 7.")
            #expect(try await api.send(.get, path).number("stock") == 7)
            let details = try await api.audited("items.stock-set").first.map {
                String(decoding: $0.details, as: UTF8.self)
            }
            #expect(details?.contains(#""new":"7""#) == true)
            #expect(details?.contains(#""old":"30""#) == true)
            let unknown = try await api.send(
                .post, "/items/\(UUID())/stock", token: data.adminToken, #"{"newStock":7,"reason":"count"}"#)
            #expect(unknown.status == .notFound)
        }
    }

    @Test(arguments: [
        (#"{}"#, ["/name", "/price", "/stock"]),
        (#"{"name":" ","price":-1,"stock":1.5}"#, ["/name", "/price", "/stock"]),
        (#"{"name":"a\u0001","price":"1","stock":1e2}"#, ["/name", "/price", "/stock"]),
        (
            #"{"name":"a","price":1,"stock":9223372036854775808,"categoryId":"x","description":7}"#,
            ["/categoryId", "/description", "/stock"]
        ),
    ])
    func `an invalid item is 422 with every bad field`(body: String, pointers: [String]) async throws {
        try await APIHarness.run { api in
            let manager = try await api.token(UserID(UUID()), [.inventoryManager])
            let answer = try await api.send(.post, "/items", token: manager, body)
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.array("errors").map { try $0.text("pointer") }.sorted() == pointers)
            #expect(try await api.send(.get, "/items").json == .array([]))
        }
    }

    @Test func `the catalogue is paged by cursor, newest first`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let first = try await api.send(.get, "/items?limit=2")
            #expect(try first.json.array().map { try $0.text("id") } == [data.items[2], data.items[1]])
            let link = try #require(first.headers[.link])
            let next = try #require(link.split(separator: ">").first?.dropFirst())
            let second = try await api.send(.get, String(next))
            #expect(try second.json.array().map { try $0.text("id") } == [data.items[0]])
            #expect(second.headers[.link] == nil)
        }
    }

    @Test func `a limit out of range is 422, a forged cursor 400, a malformed id 400`() async throws {
        try await APIHarness.run { api in
            for limit in ["0", "-1", "501", "1000000000", "x", ""] {
                let answer = try await api.send(.get, "/items?limit=\(limit)")
                #expect(answer.status == .unprocessableContent, "\(limit)")
                #expect(try answer.array("errors").map { try $0.text("parameter") } == ["limit"])
            }
            #expect(try await api.send(.get, "/items?cursor=AAAA").code == "request.malformed-cursor")
            #expect(try await api.send(.get, "/items/x").code == "request.malformed-id")
            #expect(try await api.send(.get, "/items/\(UUID())/stock").status == .notFound)
        }
    }
}
