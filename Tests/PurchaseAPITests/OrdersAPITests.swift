import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import Testing

@testable import PurchaseAPI

@Suite struct OrdersAPITests {
    @Test func `an order is answered PENDING and completes`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let placed = try await api.send(.post, "/orders", token: data.userToken, data.order(2))
            #expect(placed.status == .created)
            #expect(try placed.text("status") == "PENDING")
            #expect(try placed.number("totalAmount") == 20_000)
            #expect(try placed.number("discountAmount") == 0)
            #expect(try placed.number("finalAmount") == 20_000)
            #expect(try placed.text("currency") == "KRW")
            let id = try placed.text("id")
            #expect(placed.headers[.location] == "/orders/\(id)")
            #expect(try placed.text("links", "self") == "/orders/\(id)")
            #expect(try placed.text("links", "cancel") == "/orders/\(id)/cancel")
            try await api.run()

            let order = try await api.send(.get, "/orders/\(id)", token: data.userToken)
            #expect(try order.text("status") == "COMPLETED")
            #expect(try order.array("items").map { try $0.number("amount") } == [20_000])
            let payment = try await api.send(.get, "/payments/\(id)", token: data.userToken)
            #expect(try payment.text("status") == "CAPTURED")
            #expect(try payment.number("amount") == 20_000)
            let inventory = try await api.send(.get, "/user/\(data.user)/inventory", token: data.userToken)
            #expect(try inventory.array("inventory").map { try $0.text("name") } == ["마법검"])
            #expect(try inventory.number("slots", "used") == 1)
            #expect(try inventory.number("slots", "capacity") == 100)
            let balance = try await api.send(.get, "/user/\(data.user)/balance", token: data.userToken)
            #expect(try balance.number("balance") == 30_000)
            #expect(try balance.number("held") == 0)
            #expect(try await api.send(.get, "/items/\(data.items[0])/stock").number("stock") == 48)
        }
    }

    @Test func `while too many orders are under way a new one is refused for the moment`() async throws {
        try await APIHarness.run(ordersUnderWay: 1) { api in
            let data = try await api.testData()
            #expect(try await api.send(.post, "/orders", token: data.userToken, data.order(1)).status == .created)
            let refused = try await api.send(.post, "/orders", token: data.userToken, data.order(1))
            #expect(refused.status == .serviceUnavailable)
            #expect(refused.code == "orders.too-many-under-way")
            #expect(refused.headers[.retryAfter] == "2")
            try await api.run(for: .seconds(3))
            #expect(try await api.send(.post, "/orders", token: data.userToken, data.order(1)).status == .created)
        }
    }

    @Test func `with Prefer wait the answer is the order's end`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let answer = try await api.send(
                .post, "/orders", token: data.userToken, data.order(1), headers: [.prefer: "wait=5"])
            #expect(answer.status == .created)
            #expect(answer.headers[.preferenceApplied] == "wait=5")
            #expect(try answer.text("status") == "COMPLETED")
        }
    }

    @Test func `a refused order says why, in words too`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let answer = try await api.send(
                .post, "/orders", token: data.userToken, data.order(6),
                headers: [.prefer: "wait=9", .acceptLanguage: "en"])
            #expect(answer.status == .created)
            #expect(try answer.text("status") == "FAILED")
            #expect(try answer.text("cause") == "refused")
            #expect(answer.code == "users.insufficient-balance")
            #expect(try answer.text("failure", "message").contains("60000"))
            let payment = try await api.send(.get, "/payments/\(try answer.text("id"))", token: data.userToken)
            #expect(payment.status == .notFound)
            #expect(payment.code == "payments.not-found")
        }
    }

    @Test func `a declined payment fails the order and gives everything back`() async throws {
        try await APIHarness.run(success: 0) { api in
            let data = try await api.testData()
            let answer = try await api.send(
                .post, "/orders", token: data.userToken, data.order(1), headers: [.prefer: "wait=9"])
            #expect(try answer.text("status") == "FAILED")
            #expect(answer.code == "payments.declined")
            let payment = try await api.send(.get, "/payments/\(try answer.text("id"))", token: data.userToken)
            #expect(try payment.text("status") == "DECLINED")
            #expect(try payment.text("failure", "code") == "payments.declined")
            let balance = try await api.send(.get, "/user/\(data.user)/balance", token: data.userToken)
            #expect(try balance.number("balance") == 50_000)
        }
    }

    @Test func `the same key and body answer the same order, another body 422`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let headers: HTTPFields = [.idempotencyKey: "key-1"]
            let first = try await api.send(.post, "/orders", token: data.userToken, data.order(1), headers: headers)
            #expect(first.headers[.idempotentReplayed] == nil)
            try await api.run()
            let again = try await api.send(.post, "/orders", token: data.userToken, data.order(1), headers: headers)
            #expect(again.status == .created)
            #expect(again.headers[.idempotentReplayed] == "true")
            #expect(again.body == first.body)
            let other = try await api.send(.post, "/orders", token: data.userToken, data.order(2), headers: headers)
            #expect(other.status == .unprocessableContent)
            #expect(other.code == "orders.idempotency-mismatch")
            let orders = try await api.send(.get, "/user/\(data.user)/orders", token: data.userToken)
            #expect(try orders.array("orders").count == 1)
        }
    }

    @Test func `the same request twice at once makes one order`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await api.send(
                            .post, "/orders", token: data.userToken, data.order(1), headers: [.idempotencyKey: "k"]
                        ).text("id")
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
        }
    }

    @Test(arguments: ["", "a b", "ключ", String(repeating: "k", count: 256), "a\tb"])
    func `a malformed idempotency key is 400`(key: String) async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let answer = try await api.send(
                .post, "/orders", token: data.userToken, data.order(1), headers: [.idempotencyKey: key])
            #expect(answer.status == .badRequest)
            #expect(answer.code == "request.malformed-idempotency-key")
        }
    }

    @Test func `nobody orders for another, but an admin may`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            #expect(try await api.send(.post, "/orders", data.order(1)).status == .unauthorized)
            let stranger = try await api.send(
                .post, "/orders", token: try await api.token(UserID(UUID())), data.order(1))
            #expect(stranger.status == .forbidden)
            #expect(try await api.send(.post, "/orders", token: data.adminToken, data.order(1)).status == .created)
            #expect(try await api.refusals() == 2)
        }
    }

    @Test func `another user's objects look as if they were not there`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let id = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            try await api.run()
            let stranger = try await api.token(UserID(UUID()))
            let nothing = UUID().uuidString.lowercased()
            for (method, path, code) in [
                (HTTPRequest.Method.get, "/orders/ID", "orders.not-found"),
                (.post, "/orders/ID/cancel", "orders.not-found"),
                (.get, "/payments/ID", "payments.not-found"),
            ] {
                let real = path.replacingID(with: id)
                let theirs = try await api.send(method, real, token: stranger)
                let none = try await api.send(method, path.replacingID(with: nothing), token: stranger)
                #expect(theirs.status == .notFound)
                #expect(theirs.code == code)
                #expect(theirs.body.replacing(id, with: nothing) == none.body)
                #expect(try await api.send(method, real).status == .unauthorized)
                #expect(try await api.send(method, path.replacingID(with: "x"), token: stranger).status == .badRequest)
            }
            for path in ["/user/ID/balance", "/user/ID/inventory", "/user/ID/orders", "/orders/user/ID"] {
                let real = path.replacingID(with: data.user)
                #expect(try await api.send(.get, real).status == .unauthorized)
                let theirs = try await api.send(.get, real, token: stranger)
                #expect(theirs.status == .notFound)
                #expect(theirs.code == "users.not-found")
                #expect(try await api.send(.get, real, token: data.userToken).status == .ok)
                #expect(try await api.send(.get, real, token: data.adminToken).status == .ok)
                let unknown = path.replacingID(with: nothing)
                #expect(try await api.send(.get, unknown, token: data.adminToken).status == .notFound)
            }
        }
    }

    @Test func `an unknown item is 404, too large an amount 422`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let unknown = try await api.send(
                .post, "/orders", token: data.userToken,
                #"{"userId":"\#(data.user)","itemId":"\#(UUID().uuidString)","quantity":1}"#)
            #expect(unknown.status == .notFound)
            #expect(unknown.code == "items.not-found")
            var ids: [String] = []
            for index in 0..<20 {
                ids.append(
                    try await api.send(
                        .post, "/items", token: data.adminToken,
                        #"{"name":"i\#(index)","price":1000000000000,"stock":1}"#
                    ).text("id"))
            }
            let lines = ids.map { #"{"itemId":"\#($0)","quantity":1000000}"# }.joined(separator: ",")
            let huge = try await api.send(
                .post, "/orders", token: data.userToken, #"{"userId":"\#(data.user)","items":[\#(lines)]}"#)
            #expect(huge.status == .unprocessableContent)
            #expect(huge.code == "orders.amount-too-large")
        }
    }

    @Test func `a user's orders are listed newest first, page by page, in both shapes`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            var ids: [String] = []
            for _ in 0..<3 {
                ids.insert(try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id"), at: 0)
                try await api.run()
            }
            let object = try await api.send(.get, "/user/\(data.user)/orders?limit=2", token: data.userToken)
            #expect(try object.array("orders").map { try $0.text("id") } == Array(ids.prefix(2)))
            let rest = try await api.send(
                .get, "/user/\(data.user)/orders?cursor=\(try object.text("next"))", token: data.userToken)
            #expect(try rest.array("orders").map { try $0.text("id") } == [ids[2]])
            #expect(throws: JSONValue.Missing.self) { try rest.text("next") }

            let array = try await api.send(.get, "/orders/user/\(data.user)?limit=2", token: data.userToken)
            #expect(try array.json.array().map { try $0.text("id") } == Array(ids.prefix(2)))
            #expect(array.headers[.link]?.contains("rel=\"next\"") == true)
        }
    }

    @Test func `a cancel in time is 200, after the payment 409`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let id = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let cancelled = try await api.send(.post, "/orders/\(id)/cancel", token: data.userToken)
            #expect(cancelled.status == .ok)
            #expect(try cancelled.text("status") == "CANCELLED")
            #expect(try cancelled.text("cause") == "user")
            #expect(try await api.send(.post, "/orders/\(id)/cancel", token: data.userToken).status == .ok)

            let paid = try await api.send(
                .post, "/orders", token: data.userToken, data.order(1), headers: [.prefer: "wait=5"]
            ).text("id")
            let late = try await api.send(.post, "/orders/\(paid)/cancel", token: data.userToken)
            #expect(late.status == .conflict)
            #expect(late.code == "orders.too-late-to-cancel")
        }
    }

    @Test func `a cancel that stays undecided is 202, and shows`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            api.standStill()
            let id = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let asked = try await api.send(.post, "/orders/\(id)/cancel", token: data.userToken)
            #expect(asked.status == .accepted)
            #expect(try asked.text("status") == "PROCESSING")
            #expect(try asked.text("cancelRequested") == "user")
        }
    }

    @Test func `an admin's cancel ends the order and is told so`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let id = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let cancelled = try await api.send(.post, "/orders/\(id)/cancel", token: data.adminToken)
            #expect(cancelled.status == .ok)
            #expect(try cancelled.text("cause") == "admin")
        }
    }

    @Test func `a refund is opened by an admin, once under its key, and its end shows on the order`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let id = try await api.send(
                .post, "/orders", token: data.userToken, data.order(1), headers: [.prefer: "wait=5"]
            ).text("id")
            let path = "/orders/\(id)/refund"
            let body = #"{"reason":"broken"}"#
            #expect(try await api.send(.post, path, token: data.userToken, body).status == .forbidden)
            #expect(try await api.send(.post, path, token: data.adminToken, "{}").status == .unprocessableContent)
            let opened = try await api.send(
                .post, path, token: data.adminToken, body, headers: [.idempotencyKey: "k"])
            #expect(opened.status == .accepted)
            #expect(opened.headers[.location] == "/orders/\(id)")
            #expect(try opened.text("reason") == "broken")
            let again = try await api.send(.post, path, token: data.adminToken, body, headers: [.idempotencyKey: "k"])
            #expect(again.status == .accepted)
            #expect(again.headers[.idempotentReplayed] == "true")
            #expect(try again.text("id") == opened.text("id"))
            let other = try await api.send(
                .post, path, token: data.adminToken, #"{"reason":"other"}"#, headers: [.idempotencyKey: "k"])
            #expect(other.code == "orders.idempotency-mismatch")

            let open = try await api.send(.get, "/orders/\(id)", token: data.userToken)
            #expect(try open.text("status") == "COMPLETED")
            #expect(try open.text("refund", "status") == "OPEN")
            try await api.run(for: .seconds(10))
            let order = try await api.send(.get, "/orders/\(id)", token: data.userToken)
            #expect(try order.text("status") == "REFUNDED")
            #expect(try order.text("refund", "status") == "REFUNDED")
            #expect(try await api.send(.get, "/payments/\(id)", token: data.userToken).text("status") == "REFUNDED")
            let late = try await api.send(.post, path, token: data.adminToken, body)
            #expect(late.status == .conflict)
            #expect(late.code == "orders.not-completed")
        }
    }

    @Test func `a refund of an order that runs is 409, and a second one while the first is open`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let body = #"{"reason":"broken"}"#
            let paid = try await api.send(
                .post, "/orders", token: data.userToken, data.order(1), headers: [.prefer: "wait=5"]
            ).text("id")
            api.standStill()
            let running = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let early = try await api.send(.post, "/orders/\(running)/refund", token: data.adminToken, body)
            #expect(early.code == "orders.not-completed")
            let first = try await api.send(.post, "/orders/\(paid)/refund", token: data.adminToken, body)
            #expect(first.status == .accepted)
            let second = try await api.send(.post, "/orders/\(paid)/refund", token: data.adminToken, body)
            #expect(second.status == .conflict)
            #expect(second.code == "orders.refund-open")
            let missing = try await api.send(
                .post, "/orders/00000000-0000-7000-8000-000000000000/refund", token: data.adminToken, body)
            #expect(missing.code == "orders.not-found")
        }
    }
}

extension String {
    fileprivate func replacingID(with id: String) -> String { replacing("ID", with: id) }
}
