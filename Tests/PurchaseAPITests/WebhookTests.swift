import FoundationEssentials
import HTTPTypes
import PurchaseContracts
import SagaChoreography
import Testing
import WebhookSigning

@testable import PurchaseAPI

@Suite struct `What the payment gateway tells` {
    private static let secret = APIHarness.webhookSecret

    /// An order whose charge gets no answer.
    private static func withOpenOrder(
        _ body: @escaping @Sendable (APIHarness, APIHarness.TestData, String) async throws -> Void
    ) async throws {
        try await APIHarness.run(unknown: 1) { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            try await api.run()
            try await body(api, data, order)
        }
    }

    private static func event(
        _ order: String, id: String = "evt_1", type: String = "charge.captured", amount: Int = 10_000,
        reference: String = "ch_1"
    ) -> String {
        """
        {"id":"\(id)","type":"\(type)","createdAt":"2026-01-01T00:00:00Z","key":"\(order)","amount":\(amount),\
        "currency":"KRW","reference":"\(reference)","orderReference":"\(order)"}
        """
    }

    @Test func `a capture that no call was answered with completes the order, once`() async throws {
        try await Self.withOpenOrder { api, data, order in
            let event = Self.event(order)
            let answer = try await api.tell(event)
            #expect(answer.status == .ok)
            #expect(try answer.text("outcome") == "applied")
            #expect(try await api.tell(event).text("outcome") == "duplicate")
            #expect(try await api.tell(Self.event(order, id: "evt_2")).text("outcome") == "known")
            try await api.run()
            let seen = try await api.send(.get, "/orders/\(order)", token: data.userToken)
            #expect(try seen.text("status") == "COMPLETED")
            let emitted = try await api.count("SELECT id FROM payments_gateway_events")
            #expect(emitted == 2)
            let balance = try await api.send(.get, "/user/\(data.user)/balance", token: data.userToken)
            #expect(try balance.number("balance") == 40_000)
        }
    }

    @Test func `a decline fails the order`() async throws {
        try await Self.withOpenOrder { api, data, order in
            let body = #"{"id":"e","type":"charge.declined","key":"\#(order)","amount":10000,"currency":"KRW"}"#
            #expect(try await api.tell(body).text("outcome") == "applied")
            try await api.run()
            let seen = try await api.send(.get, "/orders/\(order)", token: data.userToken)
            #expect(try seen.text("status") == "FAILED")
        }
    }

    @Test func `what comes early is to be sent again, and then counts`() async throws {
        try await APIHarness.run(unknown: 1) { api in
            let data = try await api.testData()
            let order = try await api.send(.post, "/orders", token: data.userToken, data.order(1)).text("id")
            let event = Self.event(order)
            let early = try await api.tell(event)
            #expect(early.status == .conflict && early.code == "payments.event-early")
            #expect(early.headers[.retryAfter] == "5")
            try await api.run()
            #expect(try await api.tell(event).text("outcome") == "applied")
        }
    }

    @Test func `what is unsigned, forged, expired or about another body is 401 without detail, and changes nothing`()
        async throws
    {
        try await Self.withOpenOrder { api, _, order in
            let event = Self.event(order)
            let now = api.clock.now()
            let good = WebhookSignature(secret: Self.secret)
            let forged = WebhookSignature(secret: "another-secret-0123456789abcdef")
            let before = try await api.count("SELECT id FROM payments_gateway_events")
            var bodies: Set<String> = []
            for header in [
                nil, "t=1", forged.header(over: Array(event.utf8), at: now),
                good.header(over: Array(event.utf8), at: now + .seconds(-301)),
                good.header(over: Array(event.utf8), at: now + .seconds(302)),
                good.header(over: Array(Self.event(order, amount: 1).utf8), at: now),
            ] {
                let answer = try await api.tell(event, signature: .some(header))
                #expect(answer.status == .unauthorized && answer.code == "access.signature-refused")
                bodies.insert(answer.body)
            }
            #expect(bodies.count == 1, "the answer says what was wrong")
            #expect(try await api.count("SELECT id FROM payments_gateway_events") == before)
            #expect(try await api.refusals() > 0)
            let user = try await api.token(UserID(UUID()), [.admin])
            let asAdmin = try await api.send(.post, "/webhooks/payments", token: user, event)
            #expect(asAdmin.status == .unauthorized, "a token is no signature")
        }
    }

    @Test func `another body under the same id is refused although it is signed`() async throws {
        try await Self.withOpenOrder { api, _, order in
            _ = try await api.tell(Self.event(order))
            let other = try await api.tell(Self.event(order, reference: "ch_2"))
            #expect(other.status == .unprocessableContent && other.code == "payments.event-id-reused")
        }
    }

    @Test func `money where it must not be is taken in, alarms, and changes nothing`() async throws {
        try await Self.withOpenOrder { api, data, order in
            #expect(try await api.tell(Self.event(order, amount: 1)).text("outcome") == "noted")
            try await api.run()
            let payment = try await api.send(.get, "/payments/\(order)", token: data.userToken)
            #expect(try payment.text("status") == "PROCESSING")
            #expect(try await api.audited("payments.gateway-contradicts").map(\.severity) == [.incident])
        }
    }

    @Test func `a type that means nothing here is taken in and ignored`() async throws {
        try await APIHarness.run { api in
            let answer = try await api.tell(#"{"id":"e","type":"payout.paid","data":{"more":[1,2]}}"#)
            #expect(try answer.text("outcome") == "ignored")
        }
    }

    @Test(arguments: [
        (#"{"id":"e","type":"charge.captured"}"#, 422), (#"{"type":"charge.captured"}"#, 422), ("{", 400), ("", 400),
        (#"{"id":"e","type":"charge.captured","key":"x","amount":-1,"currency":"won","reference":""}"#, 422),
        ("[]", 422),
    ])
    func `a signed body that cannot be read is refused as everywhere`(body: String, status: Int) async throws {
        try await APIHarness.run { api in
            let answer = try await api.tell(body)
            #expect(answer.status.code == status, "\(answer.body)")
        }
    }

    @Test func `a body of another type or over 64 KiB is refused`() async throws {
        try await APIHarness.run { api in
            let text = try await api.tell("{}", type: "text/plain")
            #expect(text.status == .unsupportedMediaType)
            let long = try await api.tell(String(repeating: " ", count: 65_537))
            #expect(long.status == .contentTooLarge)
        }
    }

    @Test func `without a secret there is no such path`() async throws {
        try await APIHarness.run(webhookSecret: nil) { api in
            let answer = try await api.tell(#"{"id":"e","type":"payout.paid"}"#)
            #expect(answer.status == .notFound && answer.code == "request.unknown-path")
        }
    }
}

extension APIHarness {
    /// Sends a webhook, signed now unless told otherwise.
    func tell(
        _ body: String, signature: String?? = nil, type: String = "application/json"
    ) async throws -> Answer {
        var headers: HTTPFields = [.contentType: type]
        let signed = WebhookSignature(secret: Self.webhookSecret).header(over: Array(body.utf8), at: clock.now())
        if let name = HTTPField.Name(WebhookSignature.headerName), let header = signature ?? signed {
            headers[name] = header
        }
        return try await send(.post, "/webhooks/payments", body, headers: headers)
    }

    fileprivate func count(_ query: String) async throws -> Int {
        try await database.read { try $0.rows(.init(query)).count }
    }
}
