import Coupons
import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import Testing

@testable import PurchaseAPI

extension APIHarness {
    /// A coupon made by an admin; its id.
    func coupon(
        _ admin: String, _ members: String = #""code":"TEN","discountType":"PERCENTAGE","discountValue":10"#,
        quantity: Int = 100
    ) async throws -> String {
        let answer = try await send(
            .post, "/admin/coupons", token: admin, #"{\#(members),"totalQuantity":\#(quantity)}"#)
        try #require(answer.status == .created)
        return try answer.text("id")
    }
}

@Suite struct CouponsAPITests {
    private func basket(_ data: APIHarness.TestData, _ quantity: Int = 1) -> String {
        #""items":[{"itemId":"\#(data.items[0])","quantity":\#(quantity)}]"#
    }

    @Test func `a claimed code takes its discount off an order, and shows in the history`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let coupon = try await api.coupon(data.adminToken)
            let claimed = try await api.send(.post, "/coupons/claim", token: data.userToken, #"{"code":"ten"}"#)
            #expect(claimed.status == .created)
            #expect(try claimed.text("couponId") == coupon && claimed.text("status") == "ACTIVE")
            let copy = try claimed.text("id")
            #expect(
                try await api.send(.post, "/coupons/\(coupon)/claim", token: data.userToken).code
                    == "coupons.already-claimed")
            let order = try await api.send(
                .post, "/orders", token: data.userToken,
                #"{"userId":"\#(data.user)",\#(basket(data, 2)),"couponCode":"Ten"}"#, headers: [.prefer: "wait=5"])
            #expect(try order.text("status") == "COMPLETED" && order.text("userCouponId") == copy)
            #expect(try order.number("discountAmount") == 2000 && order.number("finalAmount") == 18_000)
            let balance = try await api.send(.get, "/user/\(data.user)/balance", token: data.userToken)
            #expect(try balance.number("balance") == 32_000)

            let history = try await api.send(.get, "/coupons/history", token: data.userToken)
            let use = try #require(try history.array("uses").first)
            #expect(try use.text("orderId") == order.text("id") && use.text("userCouponId") == copy)
            #expect(try use.number("originalAmount") == 20_000 && use.number("discountAmount") == 2000)
            #expect(try use.number("finalAmount") == 18_000 && use.text("code") == "ten")
            let mine = try await api.send(.get, "/coupons/my-coupons?status=USED", token: data.userToken)
            #expect(try mine.array("coupons").map { try $0.text("orderId") } == [order.text("id")])
            let statistics = try await api.send(
                .get, "/admin/coupons/\(coupon)/statistics", token: data.adminToken)
            #expect(try statistics.number("figures", "used") == 1)
            #expect(try statistics.number("figures", "discountGiven") == 2000)
            #expect(try statistics.array("byDay").map { try $0.text("day") } == ["2026-01-01"])
            let all = try await api.send(.get, "/admin/coupons/statistics?days=1", token: data.adminToken)
            #expect(try all.array("mostUsed").map { try $0.number("used") } == [1])
        }
    }

    @Test func `my coupons tell what expires soon, and what has expired, whoever looks first`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            api.standStill()
            for (code, days) in [("A", 1), ("B", 4), ("C", 9)] {
                _ = try await api.coupon(
                    data.adminToken,
                    #""code":"\#(code)","discountType":"FIXED_AMOUNT","discountValue":5,"validityDays":\#(days)"#)
                let claim = try await api.send(
                    .post, "/coupons/claim", token: data.userToken, #"{"code":"\#(code)"}"#)
                #expect(claim.status == .created)
            }
            api.clock.advance(by: .seconds(86_400))
            let token = try await api.token(try #require(UserID(data.user)))
            let mine = try await api.send(.get, "/coupons/my-coupons", token: token)
            let coupons = try mine.array("coupons")
            #expect(try coupons.map { try $0.text("coupon", "code") } == ["a", "b", "c"])
            #expect(try coupons.map { try $0.text("status") } == ["EXPIRED", "ACTIVE", "ACTIVE"])
            #expect(try coupons.map { try $0.at(["expiringSoon"]) } == [false, true, false])
            let first = try await api.send(.get, "/coupons/my-coupons?limit=2", token: token)
            let next = try first.text("next")
            let second = try await api.send(.get, "/coupons/my-coupons?limit=2&cursor=\(next)", token: token)
            #expect(try second.array("coupons").count == 1)
            for query in ["status=GONE", "limit=0"] {
                let answer = try await api.send(.get, "/coupons/my-coupons?\(query)", token: token)
                #expect(answer.status == .unprocessableContent)
            }
            // Nobody else's page.
            let other = try await api.token(UserID(UUID()))
            #expect(
                try await api.send(.get, "/coupons/my-coupons?cursor=\(next)", token: other).status == .badRequest)
            #expect(try await api.send(.get, "/coupons/my-coupons", token: other).array("coupons").isEmpty)
        }
    }

    @Test func `a would-be order shows each coupon's discount, best first, and a preview one`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            for members in [
                #""code":"SMALL","discountType":"PERCENTAGE","discountValue":12.34,"minOrderAmount":0"#,
                #""code":"BIG","discountType":"FIXED_AMOUNT","discountValue":3000"#,
                #""code":"MIN","discountType":"FIXED_AMOUNT","discountValue":9000,"minOrderAmount":10001"#,
                #""code":"SHIELD","discountType":"PERCENTAGE","discountValue":50,"applicableType":"ITEM","applicableTargetIds":["\#(data.items[1])"]"#,
            ] {
                let coupon = try await api.coupon(data.adminToken, members)
                #expect(try await api.send(.post, "/coupons/\(coupon)/claim", token: data.userToken).status == .created)
            }
            _ = try await api.coupon(data.adminToken)
            let answer = try await api.send(
                .post, "/coupons/applicable", token: data.userToken, "{\(basket(data))}",
                headers: [.acceptLanguage: "en"])
            #expect(answer.status == .ok)
            #expect(try answer.number("totalAmount") == 10_000)
            let coupons = try answer.array("coupons")
            #expect(try coupons.map { try $0.number("discountAmount") } == [3000, 1234, 0, 0])
            #expect(try coupons.map { try $0.at(["applicable"]) } == [true, true, false, false])
            #expect(try coupons[2].text("code") == "coupons.min-order-amount")
            #expect(try coupons[2].text("message") == "The order is below the coupon's minimum amount.")
            #expect(try coupons[3].text("code") == "coupons.no-applicable-items")

            let typed = try await api.send(
                .post, "/coupons/preview", token: data.userToken, #"{\#(basket(data)),"couponCode":"tEn"}"#)
            #expect(try typed.number("discountAmount") == 1000 && typed.number("finalAmount") == 9000)
            #expect(try typed.json.at(["applicable"]) == true)
            let owned = try await api.send(
                .post, "/coupons/preview", token: data.userToken,
                #"{\#(basket(data)),"userCouponId":"\#(try coupons[0].text("userCouponId"))"}"#)
            #expect(try owned.number("finalAmount") == 7000)
            #expect(try await api.send(.get, "/coupons/my-coupons", token: data.userToken).array("coupons").count == 4)
        }
    }

    @Test func `a would-be order that cannot be, and a coupon that is not the caller's, are refused`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            _ = try await api.coupon(data.adminToken)
            let claim = try await api.send(.post, "/coupons/claim", token: data.adminToken, #"{"code":"TEN"}"#)
            let foreign = try claim.text("id")
            func preview(_ body: String) async throws -> Answer {
                try await api.send(.post, "/coupons/preview", token: data.userToken, body)
            }
            let hidden = try await preview(#"{\#(basket(data)),"userCouponId":"\#(foreign)"}"#)
            #expect(hidden.status == .notFound && hidden.code == "coupons.not-found")
            #expect(try await api.refusals() == 1)
            #expect(try await preview(#"{\#(basket(data)),"couponCode":"NONE"}"#).code == "coupons.not-found")
            let unknown = #"{"items":[{"itemId":"\#(UUID())","quantity":1}],"couponCode":"TEN"}"#
            #expect(try await preview(unknown).code == "items.not-found")
            for (body, pointers) in [
                ("{}", ["/couponCode", "/items"]),
                (#"{"items":[],"couponCode":"TEN"}"#, ["/items"]),
                (#"{\#(basket(data)),"couponCode":"TEN","userCouponId":"\#(foreign)"}"#, ["/userCouponId"]),
                (#"{\#(basket(data, 0)),"couponCode":"TEN"}"#, ["/items/0/quantity"]),
                (#"{\#(basket(data)),"couponCode":"TEN","price":1}"#, ["/price"]),
            ] {
                let answer = try await preview(body)
                #expect(answer.status == .unprocessableContent)
                #expect(try answer.array("errors").map { try $0.text("pointer") }.sorted() == pointers)
            }
        }
    }

    @Test func `a claim that is sent again with its key is answered the same; the key is good for one coupon`()
        async throws
    {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let coupon = try await api.coupon(data.adminToken)
            let path = "/coupons/\(coupon)/claim"
            let key: HTTPFields = [.idempotencyKey: "k-1"]
            let first = try await api.send(.post, path, token: data.userToken, headers: key)
            #expect(first.status == .created && first.headers[.idempotentReplayed] == nil)
            let again = try await api.send(.post, path, token: data.userToken, headers: key)
            #expect(again.status == .created && again.headers[.idempotentReplayed] == "true")
            #expect(try again.text("id") == first.text("id"))
            let byCode = try await api.send(
                .post, "/coupons/claim", token: data.userToken, #"{"code":"TEN"}"#, headers: key)
            #expect(byCode.headers[.idempotentReplayed] == "true")
            let other = try await api.coupon(
                data.adminToken, #""code":"other","discountType":"FIXED_AMOUNT","discountValue":5"#)
            let reused = try await api.send(.post, "/coupons/\(other)/claim", token: data.userToken, headers: key)
            #expect(reused.status == .unprocessableContent && reused.code == "coupons.key-reused")
            // Another user's key is another key.
            let admin = try await api.send(.post, "/coupons/\(other)/claim", token: data.adminToken, headers: key)
            #expect(admin.status == .created && admin.headers[.idempotentReplayed] == nil)
        }
    }

    @Test func `the last copy, claimed several times at once under one key, is claimed once and answered to all`()
        async throws
    {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let coupon = try await api.coupon(
                data.adminToken, #""code":"last","discountType":"FIXED_AMOUNT","discountValue":5"#, quantity: 1)
            let answers = try await withThrowingTaskGroup(of: Answer.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await api.send(
                            .post, "/coupons/\(coupon)/claim", token: data.userToken, headers: [.idempotencyKey: "k-1"])
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.status) == Array(repeating: .created, count: 8))
            #expect(Set(try answers.map { try $0.text("id") }).count == 1)
            #expect(answers.filter { $0.headers[.idempotentReplayed] == nil }.count == 1)
        }
    }

    @Test func `claims are refused with the reason; a guest, and whoever has no account, claims nothing`() async throws
    {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let coupon = try await api.coupon(data.adminToken)
            #expect(try await api.send(.post, "/coupons/\(coupon)/claim").status == .unauthorized)
            let stranger = try await api.token(UserID(UUID()))
            #expect(try await api.send(.post, "/coupons/\(coupon)/claim", token: stranger).code == "users.not-found")
            let off = try await api.send(.delete, "/admin/coupons/\(coupon)", token: data.adminToken)
            #expect(off.status == .ok)
            #expect(try off.json.at(["isActive"]) == false)
            let inactive = try await api.send(.post, "/coupons/\(coupon)/claim", token: data.userToken)
            #expect(inactive.status == .conflict && inactive.code == "coupons.inactive")
            #expect(
                try await api.send(.post, "/coupons/\(UUID())/claim", token: data.userToken).code
                    == "coupons.not-found")
            for (code, status) in [("쿠폰", HTTPResponse.Status.notFound), (" ", .unprocessableContent)] {
                let body = #"{"code":"\#(code)"}"#
                #expect(try await api.send(.post, "/coupons/claim", token: data.userToken, body).status == status)
            }
        }
    }
}
