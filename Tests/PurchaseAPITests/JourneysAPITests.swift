import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import SagaSQL
import Testing

@testable import PurchaseAPI

@Suite struct `Journeys over HTTP` {
    @Test func `an order's journey is its owner's and the administrators'`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(2)).text("id")
            try await api.run(for: .seconds(5))
            let journey = try await api.send(.get, "/orders/\(order)/journey", token: data.userToken)
            #expect(journey.status == .ok)
            #expect(try journey.text("status") == "COMPLETED")
            #expect(try journey.text("verdict", "code") == "settled")
            #expect(try journey.text("verdict", "sentence").contains("기다리는 것이 없습니다"))
            #expect(try journey.text("money") == "captured")
            #expect(try journey.array("expected").isEmpty)
            let consumers = try journey.array("reactions").map { try $0.text("consumer") }
            #expect(consumers.first == "orders" && Set(consumers).isSuperset(of: ["users", "items", "payments"]))
            guard case .object(let members) = journey.json else { throw JSONValue.Missing(path: []) }
            #expect(members["troubles"] == nil, "faults are for operators")

            let seen = try await api.send(
                .get, "/orders/\(order)/journey", token: data.adminToken, headers: [.acceptLanguage: "en"])
            #expect(try seen.text("verdict", "sentence").contains("waits for nothing"))
            #expect(try seen.array("troubles").isEmpty)
            let stranger = try await api.token(UserID(UUID()))
            #expect(try await api.send(.get, "/orders/\(order)/journey", token: stranger).status == .notFound)
            let none = try await api.send(.get, "/orders/\(UUID())/journey", token: data.userToken)
            #expect(none.status == .notFound, "\(none.body)")
        }
    }

    @Test
    func `an order that waits for the gateway says so, is listed once it is late, and is over when it is answered`()
        async throws
    {
        try await APIHarness.run(unknown: 1) { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            try await api.run(for: .seconds(4))
            let early = try await api.send(
                .get, "/orders/\(order)/journey", token: data.userToken, headers: [.acceptLanguage: "en"])
            #expect(try early.text("verdict", "code") == "gateway-unknown")
            #expect(try early.text("verdict", "sentence").contains("waits for the gateway's answer"))
            #expect(try early.array("expected").map { try $0.text("event") } == ["payment.processed"])
            #expect(try early.array("expected").map { try $0.text("service") } == ["payments"])
            #expect(try await api.sagas("stuck", data).isEmpty)
            #expect(try await api.sagas("running", data) == [order])

            try await api.run(for: .seconds(20))
            #expect(try await api.sagas("stuck", data) == [order])
            api.mendLine()
            try await api.run(for: .seconds(60))
            #expect(try await api.sagas("stuck", data).isEmpty)
            #expect(try await api.sagas(nil, data) == [order])
            #expect(try await api.sagas("failed", data).isEmpty)
        }
    }

    @Test func `lists go on by their cursor, and take no other status`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            for _ in 0..<3 { _ = try await api.send(.post, "/orders", token: data.userToken, data.order(1)) }
            try await api.run(for: .seconds(5))
            let first = try await api.send(.get, "/admin/sagas?limit=2", token: data.adminToken)
            #expect(try first.array("sagas").count == 2)
            let next = try first.text("next")
            let second = try await api.send(.get, "/admin/sagas?limit=2&cursor=\(next)", token: data.adminToken)
            #expect(try second.array("sagas").count == 1)
            let wrong = try await api.send(.get, "/admin/sagas?status=lost", token: data.adminToken)
            #expect(wrong.status == .unprocessableContent)
        }
    }

    @Test func `services say whether somebody runs them`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let presence = ServicePresence(
                of: ["orders", "items"], as: UUID(), on: api.database, clock: api.clock,
                pauses: { [.init(activity: "items.consumer", reason: "redis is away", since: api.clock.now())] })
            _ = try await presence.poll()
            let answer = try await api.send(.get, "/admin/services", token: data.adminToken)
            let services = try answer.array("services")
            let running = try services.filter { try $0.at(["running"]) == true }.map { try $0.text("service") }
            #expect(running.sorted() == ["items", "orders"])
            let items = try #require(try services.first { try $0.text("service") == "items" })
            #expect(try items.array("paused").map { try $0.text("reason") } == ["redis is away"])
            #expect(try items.array("instances").count == 1)
        }
    }

    @Test func `the graph names each event with who emits it and who reacts to it`() async throws {
        try await APIHarness.run { api in
            let graph = try await api.send(.get, "/graph.json")
            let events = try graph.array("events")
            let reserved = try events.filter { try $0.text("event") == "item.reserved" }
            #expect(try reserved.map { try $0.at(["emittedBy"]) } == [["items"]])
            #expect(try reserved.map { try $0.at(["consumedBy"]) } == [["payments"]])
            let undoing = try graph.array("reactions").filter { try !$0.array("undoes").isEmpty }
            #expect(!undoing.isEmpty)
        }
    }
}

extension APIHarness {
    fileprivate func sagas(_ status: String?, _ data: TestData) async throws -> [String] {
        let query = status.map { "?status=\($0)" } ?? ""
        return try await send(.get, "/admin/sagas\(query)", token: data.adminToken).array("sagas").map {
            try $0.text("orderId")
        }
    }
}
