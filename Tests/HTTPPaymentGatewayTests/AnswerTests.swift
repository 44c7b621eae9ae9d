import FoundationEssentials
import HTTPPaymentGateway
import Payments
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Synchronization
import Testing

@Suite struct `Answers of a gateway over HTTP` {
    private static let order = OrderFacts.fixture()
    private var order: OrderFacts { Self.order }

    private static func charge(
        _ status: String = "captured", key: String = order.id.description, amount: Int64 = order.final.minorUnits,
        currency: String = "KRW", reference: String? = "ch_1", reason: String? = nil
    ) -> String {
        let name = reference.map { #","reference":"\#($0)""# } ?? ""
        let why = reason.map { #","reason":"\#($0)""# } ?? ""
        return #"{"key":"\#(key)","status":"\#(status)","amount":\#(amount),"currency":"\#(currency)"\#(name)\#(why)}"#
    }

    private static func refund(
        _ status: String = "succeeded", key: String = "\(order.id)/refund", charge: String = "ch_1",
        amount: Int64 = order.final.minorUnits
    ) -> String {
        #"{"key":"\#(key)","charge":"\#(charge)","status":"\#(status)","amount":\#(amount),"currency":"KRW","reason":"no"}"#
    }

    private func gateway(_ transport: ScriptedTransport, _ breaker: CircuitBreaker = CircuitBreaker())
        -> HTTPPaymentGateway
    {
        HTTPPaymentGateway(
            transport, breaker: breaker, clock: ManualClock(), random: SeededRandom(seed: 1), logger: silent)
    }

    @Test(arguments: [200, 201])
    func `a capture of this very charge is believed`(status: Int) async {
        let transport = ScriptedTransport([.reply(status, Self.charge())])
        #expect(await gateway(transport).charge(ChargeRequest(order)) == .captured(reference: "ch_1"))
        #expect(transport.requests.map(\.path) == ["/charges"])
        #expect(transport.requests.map(\.idempotencyKey) == [order.id.description])
        let body = String(decoding: transport.requests[0].body ?? Data(), as: UTF8.self)
        #expect(
            body == #"{"amount":\#(order.final.minorUnits),"currency":"KRW","orderReference":"\#(order.id)"}"#)
    }

    @Test func `every request is a span of its own in the trace of its payment`() async throws {
        let trace = try #require(TraceContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        let transport = ScriptedTransport([.reply(500), .reply(200, Self.charge()), .reply(201, Self.charge())])
        let gateway = gateway(transport)
        _ = await TraceContext.$current.withValue(trace) { await gateway.charge(ChargeRequest(order)) }
        _ = await gateway.charge(ChargeRequest(order))
        let sent = transport.requests.compactMap { $0.traceparent.flatMap { TraceContext(traceparent: $0) } }
        #expect(sent.map { $0.trace == trace.trace } == [true, true, false])
        #expect(Set(sent.map(\.span)).union([trace.span]).count == 4)
    }

    @Test(arguments: [200, 201, 402])
    func `an explicit no declines, with the gateway's words on one short line`(status: Int) async {
        let reason = "no\\nfunds" + String(repeating: "!", count: 500)
        let transport = ScriptedTransport([
            .reply(status, Self.charge("declined", reference: nil, reason: reason))
        ])
        let answer = await gateway(transport).charge(ChargeRequest(order))
        #expect(answer == .declined(reason: "no funds" + String(repeating: "!", count: 192)))
    }

    @Test(arguments: [
        Result.reply(402, "<html>Payment Required</html>"), .reply(402), .reply(200, "{}"), .reply(200, "captured"),
        .reply(201, charge(key: "another")), .reply(201, charge(amount: 1)), .reply(201, charge(currency: "EUR")),
        .reply(402, charge("declined", key: "another")), .reply(402, charge("declined", amount: 1)),
        .reply(201, charge(reference: nil)), .reply(201, charge(reference: "")), .reply(201, charge(reference: "a b")),
        .reply(402, charge("captured")), .reply(202, charge("pending")), .reply(202, charge("captured")),
        .reply(200, charge("refunded")), .reply(204), .reply(301), .reply(302, charge("declined")),
        .reply(400, charge("declined")), .reply(401), .reply(403), .reply(404), .reply(409), .reply(422), .reply(429),
        .reply(500, charge("declined")), .reply(502, "<html>"), .reply(503), .reply(504),
        .failure(.timedOut), .failure(.broken("reset")), .failure(.notConnected("refused")), .failure(.tooLong),
        .failure(.abandoned),
    ])
    func `whatever else comes leaves the outcome open`(_ reply: Result<GatewayReply, ExchangeFailure>) async {
        let transport = ScriptedTransport([reply, .reply(404)])
        guard case .unknown = await gateway(transport).charge(ChargeRequest(order)) else {
            Issue.record("\(reply) was taken for an answer")
            return
        }
    }

    @Test(arguments: [
        Result.failure(.timedOut), .failure(.broken("reset")), .failure(.tooLong), .reply(500), .reply(503),
        .reply(201, "?"),
    ])
    func `an open outcome is looked up at once by the key`(_ reply: Result<GatewayReply, ExchangeFailure>) async {
        let captured = ScriptedTransport([reply, .reply(200, Self.charge())])
        #expect(await gateway(captured).charge(ChargeRequest(order)) == .captured(reference: "ch_1"))
        #expect(captured.requests.map(\.method) == [.post, .get])
        #expect(captured.requests[1].path == "/charges/by-key/\(order.id)")
        #expect(captured.requests[1].idempotencyKey == nil)
        let declined = ScriptedTransport([reply, .reply(200, Self.charge("declined", reference: nil))])
        guard case .declined = await gateway(declined).charge(ChargeRequest(order)) else {
            Issue.record("not declined")
            return
        }
    }

    @Test(arguments: [Result.failure(.notConnected("refused")), .reply(400), .reply(401), .reply(422)])
    func `what was never taken in is not looked up`(_ reply: Result<GatewayReply, ExchangeFailure>) async {
        let transport = ScriptedTransport([reply, .reply(200, Self.charge())])
        guard case .unknown = await gateway(transport).charge(ChargeRequest(order)) else {
            Issue.record("it was")
            return
        }
        #expect(transport.requests.count == 1)
    }

    @Test func `a charge that the gateway does not know is asked for again, never failed`() async {
        let transport = ScriptedTransport([.failure(.timedOut), .reply(404, #"{"code":"no-such-charge"}"#)])
        guard case .unknown(let why) = await gateway(transport).charge(ChargeRequest(order)) else {
            Issue.record("it failed")
            return
        }
        #expect(why.contains("no-such-charge"))
    }

    @Test func `a refund of this very charge is believed, and an explicit no as well`() async {
        let request = RefundRequest(order, reference: "ch_1")
        let transport = ScriptedTransport([
            .reply(201, Self.refund()), .reply(200, Self.refund()), .reply(402, Self.refund("refused")),
        ])
        let gateway = gateway(transport)
        #expect(await gateway.refund(request) == .refunded)
        #expect(await gateway.refund(request) == .refunded)
        #expect(await gateway.refund(request) == .refused(reason: "no"))
        #expect(Set(transport.requests.map(\.path)) == ["/charges/ch_1/refunds"])
        #expect(Set(transport.requests.map(\.idempotencyKey)) == ["\(order.id)/refund"])
    }

    @Test(arguments: [
        Result.reply(201, refund(key: "other")), .reply(201, refund(charge: "ch_2")), .reply(201, refund(amount: 1)),
        .reply(202, refund("pending")), .reply(402, "no"), .reply(402, refund("succeeded")), .reply(404), .reply(409),
        .reply(422), .reply(500), .failure(.timedOut), .failure(.notConnected("refused")),
    ])
    func `whatever else comes leaves a refund open`(_ reply: Result<GatewayReply, ExchangeFailure>) async {
        let transport = ScriptedTransport([reply])
        guard case .unknown = await gateway(transport).refund(RefundRequest(order, reference: "ch_1")) else {
            Issue.record("\(reply) was taken for an answer")
            return
        }
    }

    @Test(arguments: [
        ("../../admin", "..%2F..%2Fadmin"), ("..", "%2E%2E"), ("a/b?c#d", "a%2Fb%3Fc%23d"), ("한", "%ED%95%9C"),
    ])
    func `a name from outside cannot lead to another path`(reference: String, path: String) async {
        let transport = ScriptedTransport([])
        _ = await gateway(transport).refund(RefundRequest(order, reference: reference))
        #expect(transport.requests.map(\.path) == ["/charges/\(path)/refunds"])
    }

    @Test func `a gateway that is down is left alone, and what it was not asked stays open`() async {
        let transport = ScriptedTransport([])
        let gateway = gateway(transport, CircuitBreaker(.init(calls: 4)))
        #expect(gateway.readiness == .ready)
        for _ in 0..<2 { _ = await gateway.charge(ChargeRequest(order)) }
        guard case .resting = gateway.readiness else {
            Issue.record("it is \(gateway.readiness)")
            return
        }
        let asked = transport.requests.count
        guard case .unknown = await gateway.charge(ChargeRequest(order)) else {
            Issue.record("it answered")
            return
        }
        #expect(transport.requests.count == asked)
    }

    @Test func `refusals are answers: they do not count as failures`() async {
        let transport = ScriptedTransport(Array(repeating: .reply(401), count: 50))
        let gateway = gateway(transport, CircuitBreaker(.init(calls: 4)))
        for _ in 0..<20 { _ = await gateway.charge(ChargeRequest(order)) }
        #expect(gateway.readiness == .ready)
    }

    @Test func `whoever watches is told how each call ended, and when the gateway is left alone`() async {
        let watch = RecordingWatch()
        let transport = ScriptedTransport([.reply(201, Self.charge()), .reply(503), .reply(404)])
        let gateway = HTTPPaymentGateway(
            transport, breaker: CircuitBreaker(.init(calls: 5)), clock: ManualClock(), random: SeededRandom(seed: 1),
            logger: silent, watch: watch)
        for _ in 0..<4 { _ = await gateway.charge(ChargeRequest(order)) }
        #expect(
            watch.seen.withLock { $0 } == [
                "charge decided", "charge open", "look_up open", "charge open", "rests true", "look_up open",
                "charge not_asked",
            ])
    }

    private final class RecordingWatch: GatewayWatch {
        let seen = Mutex<[String]>([])
        func called(_ operation: GatewayOperation, _ outcome: GatewayOutcome) {
            seen.withLock { $0.append("\(operation.rawValue) \(outcome.rawValue)") }
        }
        func rests(_ isResting: Bool) { seen.withLock { $0.append("rests \(isResting)") } }
    }

    @Test func `its book is elsewhere`() { #expect(gateway(ScriptedTransport([])).book == .elsewhere) }
}
