import Foundation
import HTTPTypes
import Testing

@testable import PurchaseAPI

@Suite struct `The audit trail over HTTP` {
    @Test func `finds every step of an order, in any page size`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            try await api.run(for: .seconds(5))
            let whole = try await api.send(.get, "/admin/audit?orderId=\(order)", token: data.adminToken)
            let actions = try whole.array("entries").map { try $0.text("action") }
            #expect(
                Set(actions) == [
                    "order.created", "user.validated", "payment.reserved", "inventory.reserved", "item.reserved",
                    "payment.processed", "payment.confirmed", "inventory.confirmed", "item.deducted",
                    "order.completed", "order.settled",
                ])
            var seen: [String] = []
            var cursor = ""
            repeat {
                let page = try await api.send(
                    .get, "/admin/audit?orderId=\(order)&limit=4\(cursor)", token: data.adminToken)
                seen += try page.array("entries").map { try $0.text("action") }
                cursor = (try? page.text("next")).map { "&cursor=\($0)" } ?? ""
            } while !cursor.isEmpty
            #expect(seen == actions)
        }
    }

    @Test func `shows refused access and failed logins as security events`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            _ = try await api.send(.get, "/admin/users", token: data.userToken)
            _ = try await api.send(.post, "/auth/login", #"{"name":"nobody","password":"not the one"}"#)
            _ = try await api.send(.post, "/api/audit/monitoring/flush-queue", token: data.adminToken)
            let events = try await api.send(.get, "/api/audit/monitoring/security-events", token: data.adminToken)
            let found = try events.array("events").map { [try $0.text("action"), try $0.text("status")] }
            #expect(Set(found) == [["api.access-refused", "blocked"], ["users.login-failed", "failed"]])
            _ = try await api.send(
                .post, "/auth/login", #"{"name":"nobody","password":"nor this"}"#, headers: [.userAgent: "curl/8.0"])
            #expect(try await api.audited("users.login-failed").first?.actor.userAgent == "curl/8.0")
            let statistics = try await api.send(
                .get, "/api/audit/monitoring/statistics?hours=1", token: data.adminToken)
            #expect(try statistics.number("securityEvents") == 3)
            #expect(try statistics.number("blocked") == 1)
        }
    }

    @Test func `knows in which role somebody changed something, and from where`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            _ = try await api.send(
                .post, "/items/\(data.items[0])/stock", token: data.adminToken, #"{"newStock":7,"reason":"counted"}"#,
                headers: [.userAgent: "curl/8.0"])
            let entry = try #require(try await api.audited("items.stock-set").first)
            #expect(entry.actor.role == "admin")
            #expect(entry.actor.userAgent == "curl/8.0")
        }
    }

    @Test func `tells what waits, and flushes it`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            api.standStill()
            _ = try await api.send(.post, "/orders", token: data.userToken, data.order(1))
            let before = try await api.send(.get, "/api/audit/monitoring/queue-status", token: data.adminToken)
            #expect(try before.number("events") > 0)
            api.goOn()
            let flushed = try await api.send(.post, "/api/audit/monitoring/flush-queue", token: data.adminToken)
            #expect(try flushed.number("flushed") > 0)
            #expect(try flushed.number("waiting") == 0)
            let status = try await api.send(.get, "/api/audit/monitoring/status", token: data.adminToken)
            #expect(try status.text("status") == "healthy")
        }
    }

    @Test func `exports lines and tables of what a search finds`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            try await api.run(for: .seconds(5))
            let path = "orderId=\(order)&action=order.created"
            let lines = try await api.send(.get, "/admin/audit/export.ndjson?\(path)", token: data.adminToken)
            #expect(lines.body.split(separator: "\n").count == 1)
            #expect(lines.body.contains(#""action":"order.created""#))
            #expect(lines.body.contains("마법검"))
            let table = try await api.send(.get, "/admin/audit/export.csv?\(path)", token: data.adminToken)
            #expect(table.body.split(separator: "\r\n").count == 2)
            #expect(table.body.hasPrefix("sequence,id,action,"))
        }
    }

    @Test(arguments: [
        ("plain", "plain"), ("a,b", #""a,b""#), (#"say "so""#, #""say ""so""""#), ("=1+1", "'=1+1"), ("-1", "'-1"),
        ("two\nlines", "\"two\nlines\""),
    ])
    func `a cell is quoted, and is no formula`(text: String, cell: String) {
        #expect(AuditExport.cell(text) == cell)
    }

    @Test func `verifies the chain, and names an entry that was changed`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            try await api.run()
            let sound = try await api.send(.get, "/admin/audit/verify", token: data.adminToken)
            #expect(try sound.json.at(["intact"]) == true)
            try await api.database.write {
                try $0.execute("UPDATE audit_entries SET details = '{}' WHERE sequence = 2")
            }
            let touched = try await api.send(.get, "/admin/audit/verify", token: data.adminToken)
            #expect(try touched.json.at(["intact"]) == false)
            #expect(try touched.array("findings").map { [try $0.text("kind")] } == [["changed"]])
        }
    }
}
