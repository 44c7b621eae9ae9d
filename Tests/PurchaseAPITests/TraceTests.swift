import FoundationEssentials
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing

@testable import PurchaseAPI

@Suite struct `The trace of a request` {
    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let header = "00-\(trace)-00f067aa0ba902b7-01"
    private static let name = HTTPField.Name("traceparent")!

    /// The traces of the events about an order.
    private static func traces(of order: String, in api: APIHarness) throws -> [TraceContext] {
        let id = try #require(OrderID(order))
        return try api.observer.envelopes.filter { $0.subject == id.uuid }.map { envelope in
            try #require(envelope.traceparent.flatMap { TraceContext(traceparent: $0) })
        }
    }

    @Test(arguments: [1.0, 0.0])
    func `runs through every event of the order that it places, paid or declined`(success: Double) async throws {
        try await APIHarness.run(success: success) { api in
            let data = try await api.testData()
            let placed = try await api.send(
                .post, "/orders", token: data.userToken, data.order(1),
                headers: [Self.name: Self.header, .prefer: "wait=9"])
            #expect(try placed.text("status") == (success == 1 ? "COMPLETED" : "FAILED"))
            try await api.run()
            let order = try placed.text("id")
            let traces = try Self.traces(of: order, in: api)
            let types = Set(api.observer.envelopes.filter { $0.subject == OrderID(order)?.uuid }.map(\.type))
            #expect(types.isSuperset(of: success == 1 ? ["payment.processed", "order.settled"] : ["payment.failed"]))
            #expect(Set(traces.map(\.trace.description)) == [Self.trace])
            // The caller's span is the parent of ours, not ours.
            #expect(traces.allSatisfy { $0.span != 0x00f0_67aa_0ba9_02b7 && $0.isSampled })
        }
    }

    @Test func `that a webhook of the gateway ends is still the order's`() async throws {
        try await APIHarness.run(unknown: 1) { api in
            let data = try await api.testData()
            let order = try await api.send(
                .post, "/orders", token: data.userToken, data.order(1), headers: [Self.name: Self.header]
            ).text("id")
            try await api.run()
            let body = """
                {"id":"e","type":"charge.captured","key":"\(order)","amount":10000,"currency":"KRW","reference":"ch_1"}
                """
            #expect(try await api.tell(body).text("outcome") == "applied")
            try await api.run()
            let types = api.observer.envelopes.filter { $0.subject == OrderID(order)?.uuid }.map(\.type)
            #expect(types.contains("order.settled"))
            #expect(Set(try Self.traces(of: order, in: api).map(\.trace.description)) == [Self.trace])
        }
    }

    @Test(arguments: [
        nil, "", "garbage", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", header + "-more",
        String(repeating: "0", count: 3000),
    ])
    func `that cannot be believed begins anew, one for each order`(header: String?) async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            var seen: Set<TraceID> = []
            for _ in 0..<2 {
                let placed = try await api.send(
                    .post, "/orders", token: data.userToken, data.order(1),
                    headers: header.map { [Self.name: $0] } ?? [:])
                #expect(placed.status == .created)
                try await api.run()
                let traces = Set(try Self.traces(of: try placed.text("id"), in: api).map(\.trace))
                #expect(traces.count == 1)
                seen.formUnion(traces)
            }
            #expect(seen.count == 2)
        }
    }

    @Test func `is each caller's own when orders are placed together`() async throws {
        try await APIHarness.run { api in
            let data = try await api.testData()
            let asked = (1...8).map { "000000000000000000000000000000a\($0)" }
            let placed = try await withThrowingTaskGroup(of: (String, String).self) { group in
                for trace in asked {
                    group.addTask {
                        let headers: HTTPFields = [Self.name: "00-\(trace)-00f067aa0ba902b7-00"]
                        let order = try await api.send(
                            .post, "/orders", token: data.userToken, data.order(1, of: 2), headers: headers)
                        return (trace, try order.text("id"))
                    }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            try await api.run()
            for (trace, order) in placed {
                #expect(Set(try Self.traces(of: order, in: api).map(\.trace.description)) == [trace])
                #expect(try Self.traces(of: order, in: api).allSatisfy { !$0.isSampled })
            }
        }
    }

    @Test(arguments: [[header], [header, header], []])
    func `is in the metadata of its logs`(values: [String]) async throws {
        let router = Router(context: APIContext.self)
        router.add(
            middleware: TraceMiddleware(ids: UUIDv7Generator(clock: ManualClock(), random: SeededRandom(seed: 1))))
        router.get("trace") { _, context in
            let current = try #require(TraceContext.current)
            #expect(context.logger[metadataKey: "trace_id"]?.description == current.trace.description)
            return current.trace.description
        }
        var headers: HTTPFields = [:]
        for value in values { headers.append(HTTPField(name: Self.name, value: value)) }
        try await Application(router: router).test(.router) { [headers] client in
            let response = try await client.executeRequest(uri: "/trace", method: .get, headers: headers, body: nil)
            #expect((String(buffer: response.body) == Self.trace) == (values.count == 1))
        }
    }
}
