import Coupons
import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import SagaChoreography
import Testing
import Users

@testable import PurchaseAPI

@Suite struct AdminCouponsAPITests {
    @Test func `a coupon is answered as it was made, its percentage to two decimals`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let made = try await api.send(
                .post, "/admin/coupons", token: data.adminToken,
                """
                {"code":"Sum-Mer_26","discountType":"PERCENTAGE","discountValue":12.5,"maxDiscountAmount":5000,
                "minOrderAmount":100,"applicableType":"CATEGORY","applicableTargetIds":["\(data.items[0])"],
                "totalQuantity":7,"validityType":"ABSOLUTE","validFrom":"2026-01-01T09:00:00+09:00",
                "validUntil":"2026-02-01T00:00:00Z","isActive":false}
                """)
            #expect(made.status == .created)
            let id = try made.text("id")
            #expect(made.headers[.location] == "/admin/coupons/\(id)")
            let read = try await api.send(.get, "/admin/coupons/\(id)", token: data.adminToken)
            #expect(read.body == made.body)
            #expect(try read.json.at(["discountValue"]) == .number("12.5"))
            #expect(try read.text("code") == "sum-mer_26" && read.text("validFrom") == "2026-01-01T00:00:00.000Z")
            #expect(try read.number("remainingQuantity") == 7 && read.number("maxDiscountAmount") == 5000)
            #expect(try read.json.at(["isActive"]) == false)
            let taken = try await api.send(
                .post, "/admin/coupons", token: data.adminToken,
                #"{"code":"SUM-MER_26","discountType":"FIXED_AMOUNT","discountValue":1,"totalQuantity":1}"#)
            #expect(taken.status == .conflict && taken.code == "coupons.code-taken")
        }
    }

    @Test(arguments: [
        ("{}", ["/discountType", "/discountValue", "/totalQuantity"]),
        (
            #"{"code":"a b","discountType":"HALF","discountValue":0,"totalQuantity":0}"#,
            ["/code", "/discountType", "/discountValue", "/totalQuantity"]
        ),
        (#"{"discountType":"PERCENTAGE","discountValue":100.01,"totalQuantity":1}"#, ["/discountValue"]),
        (#"{"discountType":"PERCENTAGE","discountValue":1.001,"totalQuantity":1}"#, ["/discountValue"]),
        (
            #"{"discountType":"FIXED_AMOUNT","discountValue":1.5,"maxDiscountAmount":5,"totalQuantity":1}"#,
            ["/discountValue", "/maxDiscountAmount"]
        ),
        (
            #"{"discountType":"FIXED_AMOUNT","discountValue":1,"totalQuantity":1,"applicableType":"ITEM"}"#,
            ["/applicableTargetIds"]
        ),
        (
            #"{"discountType":"FIXED_AMOUNT","discountValue":1,"totalQuantity":1,"validityType":"ABSOLUTE","validityDays":3}"#,
            ["/validFrom", "/validUntil", "/validityDays"]
        ),
        (
            #"{"discountType":"FIXED_AMOUNT","discountValue":1,"totalQuantity":1,"validityType":"ABSOLUTE","validFrom":"2026-01-02T00:00:00Z","validUntil":"2026-01-02T00:00:00Z"}"#,
            ["/validUntil"]
        ),
        (#"{"discountType":"FIXED_AMOUNT","discountValue":1,"totalQuantity":1,"issued":5}"#, ["/issued"]),
    ])
    func `an impossible coupon is 422 with every bad field`(body: String, pointers: [String]) async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let answer = try await api.send(.post, "/admin/coupons", token: data.adminToken, body)
            #expect(answer.status == .unprocessableContent)
            #expect(try answer.array("errors").map { try $0.text("pointer") }.sorted() == pointers)
        }
    }

    @Test func `only admins manage coupons, and every refusal is audited`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let id = try await api.coupon(data.adminToken)
            let manager = try await api.token(UserID(UUID()), [.inventoryManager])
            let paths: [(HTTPRequest.Method, String, String?)] = [
                (.post, "/admin/coupons", "{}"), (.get, "/admin/coupons", nil), (.get, "/admin/coupons/\(id)", nil),
                (.patch, "/admin/coupons/\(id)", "{}"), (.delete, "/admin/coupons/\(id)", nil),
                (.post, "/admin/coupons/\(id)/issue", "{}"), (.get, "/admin/coupons/statistics", nil),
                (.get, "/admin/coupons/\(id)/statistics", nil),
                (.get, "/admin/coupons/\(id)/issue-jobs/\(UUID())", nil),
            ]
            for (method, path, body) in paths {
                #expect(try await api.send(method, path, body).status == .unauthorized)
                #expect(try await api.send(method, path, token: data.userToken, body).status == .forbidden)
                #expect(try await api.send(method, path, token: manager, body).status == .forbidden)
            }
            #expect(try await api.refusals() == 3 * paths.count)
        }
    }

    @Test func `coupons are listed newest first, by code and by state, page by page`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            var ids: [String] = []
            for code in ["A", "B", "C"] {
                ids.append(
                    try await api.coupon(
                        data.adminToken, #""code":"\#(code)","discountType":"FIXED_AMOUNT","discountValue":1"#))
                api.clock.advance(by: .milliseconds(1))
            }
            _ = try await api.send(.delete, "/admin/coupons/\(ids[1])", token: data.adminToken)
            func list(_ query: String) async throws -> [String] {
                try await api.send(.get, "/admin/coupons\(query)", token: data.adminToken).array("coupons").map {
                    try $0.text("id")
                }
            }
            #expect(try await list("") == [ids[2], ids[1], ids[0]])
            #expect(try await list("?active=true") == [ids[2], ids[0]])
            #expect(try await list("?active=false") == [ids[1]])
            #expect(try await list("?code=b") == [ids[1]])
            #expect(try await list("?code=b&active=true") == [])
            let first = try await api.send(.get, "/admin/coupons?limit=2", token: data.adminToken)
            #expect(try await list("?limit=2&cursor=\(first.text("next"))") == [ids[0]])
            for query in ["?active=yes", "?limit=501"] {
                let answer = try await api.send(.get, "/admin/coupons\(query)", token: data.adminToken)
                #expect(answer.status == .unprocessableContent)
            }
            let days = try await api.send(.get, "/admin/coupons/statistics?days=0", token: data.adminToken)
            #expect(days.status == .unprocessableContent)
        }
    }

    @Test func `a change keeps what is not named, clears a code with null, and spares those who have one`() async throws
    {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let id = try await api.coupon(data.adminToken)
            func change(_ body: String) async throws -> Answer {
                try await api.send(.patch, "/admin/coupons/\(id)", token: data.adminToken, body)
            }
            #expect(try await change("{}").text("code") == "ten")
            let cheaper = try await change(#"{"discountType":"FIXED_AMOUNT","discountValue":500,"code":null}"#)
            #expect(cheaper.status == .ok)
            #expect(try cheaper.text("discountType") == "FIXED_AMOUNT" && cheaper.number("totalQuantity") == 100)
            #expect((try? cheaper.text("code")) == nil)
            #expect(try await change(#"{"discountValue":7}"#).status == .unprocessableContent)
            #expect(try await api.send(.post, "/coupons/\(id)/claim", token: data.userToken).status == .created)
            let late = try await change(#"{"minOrderAmount":5,"totalQuantity":50}"#)
            #expect(late.status == .conflict && late.code == "coupons.already-issued")
            #expect(try await change(#"{"totalQuantity":50,"isActive":false}"#).number("remainingQuantity") == 49)
            #expect(try await change(#"{"totalQuantity":0}"#).status == .unprocessableContent)
            let gone = try await api.send(
                .patch, "/admin/coupons/\(UUID())", token: data.adminToken, #"{"isActive":true}"#)
            #expect(gone.status == .notFound)
        }
    }

    @Test func `users named are answered one by one`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let id = try await api.coupon(data.adminToken)
            let idle = try await api.system.commands(of: "users").run(CreateUser(name: "idle"))
            _ = try await api.system.commands(of: "users").run(
                SetActive(user: idle, isActive: false, actor: idle, reason: "test"))
            let unknown = UUID().uuidString.lowercased()
            let body = #"{"userIds":["\#(unknown)","\#(data.user)","\#(idle)","\#(data.user)"]}"#
            func issue(_ body: String) async throws -> Answer {
                try await api.send(
                    .post, "/admin/coupons/\(id)/issue", token: data.adminToken, body, headers: [.acceptLanguage: "en"])
            }
            let answer = try await issue(body)
            #expect(answer.status == .ok)
            #expect(try answer.number("issued") == 1 && answer.number("refused") == 2)
            let results = try answer.array("results")
            #expect(try results.map { try $0.text("userId") } == [unknown, data.user, idle.description])
            #expect(try results[0].text("code") == "users.not-found")
            #expect(try results[2].text("code") == "users.inactive")
            let mine = try await api.send(.get, "/coupons/my-coupons", token: data.userToken)
            #expect(try mine.array("coupons").map { try $0.text("id") } == [try results[1].text("userCouponId")])
            let again = try await issue(body)
            #expect(try again.array("results")[1].text("code") == "coupons.already-claimed")
            for wrong in ["{}", #"{"everyone":false}"#, #"{"userIds":[]}"#, #"{"userIds":["x"],"everyone":true}"#] {
                #expect(try await issue(wrong).status == .unprocessableContent, "\(wrong)")
            }
            let many = (0...1000).map { _ in #""\#(UUID())""# }.joined(separator: ",")
            #expect(try await issue(#"{"userIds":[\#(many)]}"#).status == .unprocessableContent)
        }
    }

    @Test func `everyone is a job whose progress can be read; who is inactive is not everyone`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let id = try await api.coupon(data.adminToken)
            let users = api.system.commands(of: "users")
            for number in 0..<30 {
                let user = try await users.run(CreateUser(name: "user\(number)"))
                if number < 10 {
                    _ = try await users.run(SetActive(user: user, isActive: false, actor: user, reason: "test"))
                }
            }
            #expect(try await api.send(.post, "/coupons/\(id)/claim", token: data.userToken).status == .created)
            let begun = try await api.send(
                .post, "/admin/coupons/\(id)/issue", token: data.adminToken, #"{"everyone":true}"#)
            #expect(begun.status == .accepted)
            #expect(try begun.text("state") == "RUNNING")
            let path = try begun.text("links", "self")
            #expect(begun.headers[.location] == path)
            try await api.run()
            let ended = try await api.send(.get, path, token: data.adminToken)
            #expect(try ended.text("state") == "COMPLETED")
            // Twenty, the test user, who has one, and the admin.
            #expect(try ended.number("total") == 22 && ended.number("issued") == 21 && ended.number("handled") == 22)
            let skipped = try ended.array("skipped")
            #expect(try skipped.map { try $0.text("code") } == ["coupons.already-claimed"])
            #expect(try skipped.map { try $0.number("count") } == [1])
            let missing = "/admin/coupons/\(id)/issue-jobs/\(UUID())"
            #expect(try await api.send(.get, missing, token: data.adminToken).code == "coupons.issue-job-not-found")
            // Their events belong to no order, so nothing of them is left once those who listen have them.
            let waiting = try await api.database.read {
                try $0.rows("SELECT seq FROM saga_outbox WHERE type LIKE 'coupon.%'").count
            }
            #expect(waiting == 0)
        }
    }
}
