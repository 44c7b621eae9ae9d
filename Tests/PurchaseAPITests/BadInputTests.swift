import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import Testing

@testable import PurchaseAPI

@Suite struct BadInputTests {
    @Test(arguments: [
        "", "{", "NaN", #"{"a":1,"a":2}"#, "\u{FEFF}{}", #"{"a":"\u0000"}"#, #"{"a":"\ud800"}"#,
        String(repeating: "[", count: 17) + String(repeating: "]", count: 17),
    ])
    func `a body that is not strict JSON is 400`(body: String) async throws {
        try await APIHarness.run { api in
            let token = try await api.token(UserID(UUID()))
            let answer = try await api.send(.post, "/orders", token: token, body)
            #expect(answer.status == .badRequest)
            #expect(answer.code == "request.malformed-json")
        }
    }

    @Test(
        arguments: [
            nil, "text/plain", "application/xml", "application/json; charset=utf-16", "application/jsonp",
            "multipart/form-data",
        ] as [String?])
    func `another content type is 415`(type: String?) async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(
                .post, "/orders", token: try await api.token(UserID(UUID())), "{}",
                headers: [.contentType: type ?? ""])
            #expect(answer.status == .unsupportedMediaType)
            #expect(answer.code == "request.not-json")
        }
    }

    @Test func `a body of 64 KiB is read, one byte more is 413`() async throws {
        try await APIHarness.run { api in
            let token = try await api.token(UserID(UUID()))
            func body(_ size: Int) -> String { #"{"a":""# + String(repeating: "x", count: size - 8) + #""}"# }
            #expect(try await api.send(.post, "/orders", token: token, body(65_536)).status == .unprocessableContent)
            let answer = try await api.send(.post, "/orders", token: token, body(65_537))
            #expect(answer.status == .contentTooLarge)
            #expect(answer.code == "request.too-large")
        }
    }

    @Test func `nothing of what is refused is written`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            for quantity in ["0", "-1", "1.5", "\"1\"", "1e2", "1000001", "9223372036854775808", "null"] {
                let answer = try await api.send(
                    .post, "/orders", token: data.userToken,
                    #"{"userId":"\#(data.user)","itemId":"\#(data.items[0])","quantity":\#(quantity)}"#)
                #expect(answer.status == .unprocessableContent, "\(quantity)")
                #expect(try answer.array("errors").map { try $0.text("pointer") } == ["/quantity"])
            }
            let orders = try await api.send(.get, "/user/\(data.user)/orders", token: data.userToken)
            #expect(try orders.array("orders") == [])
        }
    }

    @Test func `a total beyond 64 bits is 422 wherever one would be added up`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            _ = try await api.coupon(data.adminToken)
            var lines: [String] = []
            for index in 0..<20 {
                let item = try await api.send(
                    .post, "/items", token: data.adminToken, #"{"name":"i\#(index)","price":1000000000000,"stock":1}"#)
                lines.append(#"{"itemId":"\#(try item.text("id"))","quantity":1000000}"#)
            }
            let items = #""items":[\#(lines.joined(separator: ","))]"#
            let before = try await api.rowsWritten()
            for (path, body) in [
                ("/orders", #"{"userId":"\#(data.user)",\#(items)}"#),
                ("/coupons/preview", #"{\#(items),"couponCode":"TEN"}"#), ("/coupons/applicable", "{\(items)}"),
            ] {
                let answer = try await api.send(.post, path, token: data.userToken, body)
                #expect(answer.status == .unprocessableContent, "\(path): \(answer.body)")
                #expect(answer.code == "orders.amount-too-large")
            }
            #expect(try await api.rowsWritten() == before)
        }
    }

    @Test func `an internal error tells an id and nothing else`() async throws {
        try await APIHarness.run { api in
            try await api.database.write { try $0.script("ALTER TABLE items_items RENAME TO items_gone") }
            let answer = try await api.send(.get, "/items", isDescribed: false)
            #expect(answer.status == .internalServerError)
            #expect(answer.code == "service.internal")
            #expect(try !answer.text("correlationId").isEmpty)
            #expect(!answer.body.contains("items_items"))
            // Others may use the database next.
            try await api.database.write { try $0.script("ALTER TABLE items_gone RENAME TO items_items") }
        }
    }

    @Test func `an item that Orders does not know yet is 503, try again`() async throws {
        try await APIHarness.run { api in
            api.standStill()
            let answer = try await api.send(
                .post, "/items", token: try await api.token(UserID(UUID()), [.admin]),
                #"{"name":"a","price":1,"stock":1}"#)
            #expect(answer.status == .serviceUnavailable)
            #expect(answer.code == "items.not-yet-orderable")
            #expect(answer.headers[.retryAfter] == "1")
        }
    }
}
