import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import SagaChoreography
import Testing

@testable import PurchaseAPI

/// A stream in this harness ends after ``Pace/patience``, as if the process ended, unless its order is over before.
@Suite struct `A stream of an order's events` {
    private static let lastEventID = HTTPField.Name("Last-Event-ID")!

    private struct Sent {
        let id: String?
        let name: String
        let data: JSONValue
    }

    private func events(_ answer: Answer) throws -> [Sent] {
        try answer.body.split(separator: "\n\n").filter { $0 != ":" }.map { event in
            var fields: [Substring: Substring] = [:]
            for line in event.split(separator: "\n") {
                let parts = line.split(separator: ":", maxSplits: 1)
                try #require(parts.count == 2 && parts[1].hasPrefix(" "))
                fields[parts[0]] = parts[1].dropFirst()
            }
            return Sent(
                id: fields["id"].map(String.init), name: String(try #require(fields["event"])),
                data: try StrictJSON.parse(Array(try #require(fields["data"]).utf8)))
        }
    }

    @Test func `tells each event once, what it comes to, and the end`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let answer = try await api.send(.get, "/orders/\(order)/events", token: data.userToken)
            #expect(answer.status == .ok && answer.headers[.contentType] == "text/event-stream")
            let events = try events(answer)
            let types = try events.filter { $0.name == "step" }.map { try $0.data.text("type") }
            #expect(types.first == "order.created" && types.contains("item.deducted"))
            #expect(Set(types).count == types.count, "\(types)")
            #expect(events.last?.name == "end")
            let verdicts = try events.filter { $0.name == "verdict" }.map { try $0.data.text("code") }
            #expect(verdicts.last == "settled")
        }
    }

    @Test func `goes on where a reader was, without loss or doubles, also once the order is over`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let whole = try events(try await api.send(.get, "/orders/\(order)/events", token: data.userToken))
            let steps = whole.filter { $0.name == "step" }
            for index in [0, steps.count / 2, steps.count - 1] {
                let last = try #require(steps[index].id)
                let rest = try events(
                    try await api.send(
                        .get, "/orders/\(order)/events", token: data.userToken, headers: [Self.lastEventID: last]))
                let types = try rest.filter { $0.name == "step" }.map { try $0.data.text("type") }
                let expected = try steps[(index + 1)...].map { try $0.data.text("type") }
                #expect(types.sorted() == expected.sorted(), "after \(index)")
                #expect(rest.last?.name == "end")
            }
        }
    }

    @Test(arguments: ["", "!", "x", "AAAA", "AAAAAAAAA="])
    func `refuses what is no event's id`(id: String) async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let answer = try await api.send(
                .get, "/orders/\(order)/events", token: data.userToken, headers: [Self.lastEventID: id])
            #expect(answer.status == .badRequest && answer.code == "request.malformed-cursor")
        }
    }

    @Test func `says that it is still there, that the order is late, and ends with its token`() async throws {
        try await APIHarness.run(unknown: 1) { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let begin = api.clock.now()
            api.after(.seconds(25)) { _ = try await api.send(.post, "/auth/logout", token: data.userToken) }
            let answer = try await api.send(.get, "/orders/\(order)/events", token: data.userToken)
            #expect(api.clock.now() - begin < .seconds(30))
            let verdicts = try events(answer).filter { $0.name == "verdict" }
            #expect(try verdicts.contains { try $0.data.at(["stuck"]) == true }, "\(answer.body)")
            #expect(try events(answer).last?.name != "end")
            #expect(try await api.send(.get, "/orders/\(order)/events", token: data.userToken).status == .unauthorized)
        }
    }

    @Test func `is one of so many`() async throws {
        let one: (inout APISettings) -> Void = { $0.journeyStreams = 1 }
        try await APIHarness.run(unknown: 1, change: one) { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            api.after(.seconds(3)) {
                let other = try await api.send(.get, "/orders/\(order)/events", token: data.userToken)
                #expect(other.status == .serviceUnavailable && other.headers[.retryAfter] == "10")
            }
            for _ in 0..<2 {
                #expect(try await api.send(.get, "/orders/\(order)/events", token: data.userToken).status == .ok)
            }
        }
    }
}
