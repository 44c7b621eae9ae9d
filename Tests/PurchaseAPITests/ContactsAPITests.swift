import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import SQLCore
import Testing

@testable import PurchaseAPI

@Suite struct `Mail and notifications over HTTP` {
    @Test func `a user tells where to get mail, reads it and takes it back`() async throws {
        try await APIHarness.run { api in
            let shop = try await Shop(api, for: .fixed("/"))
            let path = "/user/\(shop.user)/email"
            var answer = try await api.send(.get, path, token: shop.userToken)
            #expect(answer.status == .ok && !answer.body.contains("\"email\""))
            for text in ["kim@mail.example", "kim@other.example"] {
                answer = try await api.send(.put, path, token: shop.userToken, #"{"email":"\#(text)"}"#)
                #expect(answer.status == .ok)
                answer = try await api.send(.get, path, token: shop.userToken)
                #expect(try answer.text("email") == text)
            }
            answer = try await api.send(.delete, path, token: shop.userToken)
            #expect(answer.status == .noContent)
            answer = try await api.send(.get, path, token: shop.userToken)
            #expect(answer.status == .ok && !answer.body.contains("\"email\""))
        }
    }

    @Test(arguments: ["kim", "kim@mail.example, x@y.example", "kim@mail.example\\r\\nBcc: x@y.example", "김@가게.kr"])
    func `what is no single mail address is refused in both languages`(_ text: String) async throws {
        try await APIHarness.run { api in
            let shop = try await Shop(api, for: .fixed("/"))
            for (language, words) in [("ko", "메일 주소 하나여야"), ("en", "one mail address")] {
                let answer = try await api.send(
                    .put, "/user/\(shop.user)/email", token: shop.userToken, #"{"email":"\#(text)"}"#,
                    headers: [.acceptLanguage: language])
                #expect(answer.status == .unprocessableContent)
                #expect(answer.body.contains("/email") && answer.body.contains(words))
            }
        }
    }

    @Test func `an administrator reads what was parked, newest first, page by page`() async throws {
        try await APIHarness.run { api in
            let shop = try await Shop(api, for: .fixed("/"))
            let admin = try await api.token(shop.admin, [.admin])
            let parameters = #"{"amount":1000,"currency":"KRW","item":"sword","otherLines":0}"#
            let ids = (1...5).map { UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $0)) }
            try await api.database.write { transaction in
                for (id, state) in zip(ids, ["FAILED", "SKIPPED", "FAILED", "FAILED", "FAILED"]) {
                    try transaction.execute(
                        """
                        INSERT INTO notifications_messages (id, event_id, channel, order_id, user_id, template, parameters,
                            state, attempts, last_error, created_at)
                        VALUES (\(id), \(id), 'email', \(id), \(id), 'order.failed', \(parameters), \(state), 1,
                            'HTTP 410', 0)
                        """)
                }
            }
            var seen: [String] = []
            var path = "/admin/notifications?limit=3"
            for expected in [3, 1] {
                let page = try await api.send(.get, path, token: admin)
                let entries = try page.array("notifications")
                #expect(entries.count == expected)
                seen += try entries.map { try $0.text("id") }
                #expect(try entries.allSatisfy { try $0.text("reason") == "HTTP 410" })
                if expected == 3 { path = "/admin/notifications?limit=3&cursor=\(try page.text("next"))" }
            }
            #expect(seen == [ids[4], ids[3], ids[2], ids[0]].map { $0.uuidString.lowercased() })
        }
    }
}
