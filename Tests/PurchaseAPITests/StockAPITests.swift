import PurchaseContracts
import Testing

@testable import PurchaseAPI

@Suite struct `Reservations over HTTP` {
    @Test func `cancelling one undoes its order, gives the stock back and shows on the reservation`() async throws {
        try await APIHarness.run(unknown: 1) { api in
            let data = try await api.testData()
            let id = try await api.reservation(data)
            let active = try await api.send(.get, "/items/\(data.items[0])/reservations", token: data.adminToken)
            #expect(try active.json.array().map { try $0.text("status") } == ["RESERVED"])
            let body = #"{"status":"CANCELLED","reason":"recall"}"#
            let asked = try await api.send(
                .post, "/items/reservations/\(id)/status", token: data.adminToken, body)
            #expect(asked.status == .accepted)
            let again = try await api.send(.post, "/items/reservations/\(id)/status", token: data.adminToken, body)
            #expect(again.status == .accepted)
            api.mendLine()
            try await api.run(for: .seconds(900))

            let orders = try await api.send(.get, "/user/\(data.user)/orders", token: data.userToken)
            let order = try #require(try orders.array("orders").first)
            #expect(try order.text("status") == "FAILED")
            #expect(try order.text("cause") == "admin")
            #expect(try await api.send(.get, "/items/\(data.items[0])/stock").number("stock") == 50)
            let list = try await api.send(
                .get, "/items/reservations?status=CANCELLED&itemId=\(data.items[0])", token: data.adminToken)
            #expect(try list.array("reservations").map { try $0.text("id") } == [id])
            let late = try await api.send(.post, "/items/reservations/\(id)/status", token: data.adminToken, body)
            #expect(late.status == .conflict && late.code == "items.reservation-conflict")
        }
    }

    @Test func `nothing but cancelling can be asked for, and not of what is not there`() async throws {
        try await APIHarness.run(unknown: 1) { api in
            let data = try await api.testData()
            let id = try await api.reservation(data)
            let confirm = #"{"status":"CONFIRMED","reason":"x"}"#
            #expect(
                try await api.send(.post, "/items/reservations/\(id)/status", token: data.adminToken, confirm).status
                    == .conflict)
            let unknown = try await api.send(
                .post, "/items/reservations/\(data.user)/status", token: data.adminToken,
                #"{"status":"CANCELLED","reason":"x"}"#)
            #expect(unknown.status == .notFound)
        }
    }

    @Test func `statistics and lists count by what became of them`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            for _ in 0..<3 {
                _ = try await api.send(.post, "/orders", token: data.userToken, data.order(1))
                try await api.run()
            }
            let statistics = try await api.send(.get, "/items/reservations/stats", token: data.adminToken)
            #expect(try statistics.number("total") == 3)
            #expect(try statistics.number("confirmed") == 3)
            let first = try await api.send(
                .get, "/items/reservations?status=CONFIRMED&limit=2", token: data.adminToken)
            #expect(try first.array("reservations").count == 2)
            let rest = try await api.send(
                .get, "/items/reservations?status=CONFIRMED&cursor=\(try first.text("next"))", token: data.adminToken)
            #expect(try rest.array("reservations").count == 1)
            for status in ["RESERVED", "CANCELLED", "EXPIRED"] {
                let none = try await api.send(.get, "/items/reservations?status=\(status)", token: data.adminToken)
                #expect(try none.array("reservations").isEmpty)
            }
        }
    }
}

@Suite struct `Categories and changes of items` {
    @Test func `an item moves between categories that exist, and null removes it`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let made = try await api.send(.post, "/categories", token: data.adminToken, #"{"name":"Swords"}"#)
            let category = try made.text("id")
            let twin = try await api.send(.post, "/categories", token: data.adminToken, #"{"name":"swords"}"#)
            #expect(twin.status == .conflict)
            let path = "/items/\(data.items[0])"
            let moved = try await api.send(
                .patch, path, token: data.adminToken, #"{"categoryId":"\#(category)","description":"sharp"}"#)
            #expect(try moved.text("categoryId") == category)
            let found = try await api.send(.get, "/items?categoryId=\(category)")
            #expect(try found.json.array().map { try $0.text("id") } == [data.items[0]])
            let unknown = try await api.send(
                .patch, path, token: data.adminToken, #"{"categoryId":"\#(data.user)"}"#)
            #expect(unknown.status == .unprocessableContent)
            #expect(try unknown.array("errors").first?.text("pointer") == "/categoryId")
            let cleared = try await api.send(
                .patch, path, token: data.adminToken, #"{"categoryId":null,"description":null}"#)
            #expect(!cleared.body.contains("categoryId") && !cleared.body.contains("sharp"))
        }
    }

    @Test func `a new price holds for the next order at once, and an item off sale cannot be ordered`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let path = "/items/\(data.items[0])"
            #expect(
                try await api.send(.patch, path, token: data.adminToken, #"{"price":7}"#).number("price") == 7)
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1))
            #expect(try order.number("totalAmount") == 7)
            _ = try await api.send(.patch, path, token: data.adminToken, #"{"isOnSale":false}"#)
            #expect(try await api.send(.post, "/orders", token: data.userToken, data.order(1)).status == .conflict)
            let off = try await api.send(.get, "/items?onSale=false")
            #expect(try off.json.array().count == 1)
        }
    }

    @Test func `what was sent about an order is there for its user`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let answer = try await api.send(.get, "/orders/\(order)/notifications", token: data.userToken)
            #expect(answer.status == .ok && answer.body == "[]")
        }
    }
}
