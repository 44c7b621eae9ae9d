import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import SagaChoreography
import Testing

@testable import PurchaseAPI

/// A stream in this harness ends after ``Pace/patience``, as if the process ended.
@Suite struct `A stream of the audit trail` {
    private static let lastEventID = HTTPField.Name("Last-Event-ID")!

    /// The events of an answer: id and data.
    private func events(_ answer: Answer) throws -> [(id: Int64, entry: JSONValue)] {
        try answer.body.split(separator: "\n\n").filter { $0 != ":" }.map { event in
            let lines = event.split(separator: "\n", omittingEmptySubsequences: false)
            try #require(lines.count == 3 && lines[0].hasPrefix("id: ") && lines[2].hasPrefix("data: "))
            #expect(lines[1] == "event: entry")
            return (
                try #require(Int64(lines[0].dropFirst(4))), try StrictJSON.parse(Array(lines[2].dropFirst(6).utf8))
            )
        }
    }

    private func order(_ api: APIHarness, _ data: APIHarness.TestData) -> @Sendable () async throws -> Void {
        { _ = try await api.send(.post, "/orders", token: data.userToken, data.order(1)) }
    }

    @Test func `sends what comes after it was opened, as a search has it`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            try await api.run(for: .seconds(5))
            let known = try await api.database.read {
                try $0.first("SELECT sequence FROM audit_head")?.int64("sequence")
            }
            api.after(.seconds(3), order(api, data))
            let answer = try await api.send(.get, "/admin/audit/stream", token: data.adminToken)
            #expect(answer.status == .ok)
            #expect(answer.headers[.contentType] == "text/event-stream")
            let events = try events(answer)
            let first = try #require(known) + 1
            #expect(events.map(\.id) == Array(first..<first + Int64(events.count)))
            #expect(try events.contains { try $0.entry.text("action") == "order.settled" })
            let found = try await api.send(.get, "/admin/audit?limit=500", token: data.adminToken).array("entries")
            for (id, entry) in events {
                #expect(try found.first { try $0.number("sequence") == id } == entry)
            }
        }
    }

    @Test func `goes on behind the last event that was read, through many pages`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            try await api.recordChanges(500)
            let answer = try await api.send(
                .get, "/admin/audit/stream", token: data.adminToken, headers: [Self.lastEventID: "3"])
            let ids = try events(answer).map(\.id)
            #expect(ids.count > 497)
            #expect(ids == Array(4..<4 + Int64(ids.count)))
            let beyond = try await api.send(
                .get, "/admin/audit/stream", token: data.adminToken, headers: [Self.lastEventID: "999999999"])
            #expect(try events(beyond).isEmpty)
        }
    }

    @Test(arguments: ["", "x", "-1", "1.5", "9999999999999999999", "1 2"])
    func `refuses what is no event's id`(id: String) async throws {
        try await APIHarness.run { api in
            let answer = try await api.send(
                .get, "/admin/audit/stream", token: try await api.token(UserID(UUID()), [.admin]),
                headers: [Self.lastEventID: id])
            #expect(answer.status == .badRequest)
            #expect(answer.code == "request.malformed-cursor")
        }
    }

    @Test func `sends only what its filter lets through`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            try await api.run(for: .seconds(5))
            for time in [2, 20] { api.after(.seconds(time), order(api, data)) }
            let answer = try await api.send(
                .get, "/admin/audit/stream?action=order.completed&text=ORDER", token: data.adminToken)
            #expect(try events(answer).map { try $0.entry.text("action") } == ["order.completed", "order.completed"])
        }
    }

    @Test func `says every 15 seconds that it is still there`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            try await api.run(for: .seconds(5))
            let answer = try await api.send(.get, "/admin/audit/stream", token: data.adminToken)
            // At once, then after 15 and 30.
            #expect(answer.body == String(repeating: ":\n\n", count: 3))
        }
    }

    @Test func `ends when its token does`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            try await api.run(for: .seconds(5))
            let begin = api.clock.now()
            api.after(.seconds(20)) { _ = try await api.send(.post, "/auth/logout", token: data.adminToken) }
            let answer = try await api.send(.get, "/admin/audit/stream", token: data.adminToken)
            #expect(answer.status == .ok)
            #expect(api.clock.now() - begin < .seconds(25))
            let again = try await api.send(.get, "/admin/audit/stream", token: data.adminToken)
            #expect(again.status == .unauthorized)
        }
    }

    @Test func `is one of so many, and gives its seat back`() async throws {
        try await APIHarness.run(auditStreams: 1) { api in
            let data = try await api.testData()
            api.after(.seconds(3)) {
                let other = try await api.send(.get, "/admin/audit/stream", token: data.adminToken)
                #expect(other.status == .serviceUnavailable)
                #expect(other.headers[.retryAfter] == "10")
            }
            for method in [HTTPRequest.Method.get, .head, .get] {
                #expect(try await api.send(method, "/admin/audit/stream", token: data.adminToken).status == .ok)
            }
        }
    }
}
