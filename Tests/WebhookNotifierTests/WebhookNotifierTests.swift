import Foundation
import Hummingbird
import NIOCore
import PurchaseContracts
import SagaChoreography
import SagaTesting
import Testing
import WebhookSigning

@testable import Notifications
@testable import WebhookNotifier

@Suite struct `A notification by webhook` {
    private func message(_ template: NotificationTemplate = .orderCompleted, reason: RefusalCode? = nil)
        -> NotificationMessage
    {
        NotificationMessage(
            id: UUID(), channel: "webhook", orderID: OrderID(UUID()), userID: UserID(UUID()), template: template,
            parameters: NotificationParameters(
                item: "마법검", otherLines: 1, amount: Money(12_345), currency: .krw, reason: reason),
            createdAt: Timestamp(milliseconds: 1_795_600_000_000), attempts: 0)
    }

    /// Ends with the connection alone.
    private static let endless = ResponseBody { writer in
        while true {
            try await writer.write(ByteBuffer(string: "x"))
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    @Test(arguments: NotificationLanguage.allCases)
    func `says everything in JSON, signed over its bytes`(_ language: NotificationLanguage) async throws {
        let message = message(.orderFailed, reason: .insufficientStock)
        try await Receiver.run(language: language) { receiver, notifier, clock in
            try await notifier.send(message)
            let call = try #require(receiver.calls.first)
            #expect(receiver.calls.count == 1)
            #expect(call.contentType == "application/json")
            #expect(call.id == message.id.uuidString.lowercased())
            try WebhookSignature(secret: Receiver.secret).check(call.signature, over: call.body, at: clock.now())
            let sent = try #require(try JSONSerialization.jsonObject(with: Data(call.body)) as? [String: Any])
            let letter = NotificationText(language).letter(for: message)
            let expected: [String: String] = [
                "id": message.id.uuidString.lowercased(), "type": "order.failed",
                "createdAt": "2026-11-25T09:46:40.000Z", "orderId": try #require(message.orderID).description,
                "userId": message.userID.description, "language": language.rawValue, "subject": letter.subject,
                "text": letter.body, "short": NotificationText(language).line(for: message), "currency": "KRW",
                "reason": "items.insufficient-stock",
            ]
            for (name, value) in expected { #expect(sent[name] as? String == value, "\(name)") }
            #expect(sent["amount"] as? Int == 12_345)
            #expect(Set(sent.keys) == Set(expected.keys).union(["amount"]))
        }
    }

    @Test func `carries the trace that it belongs to, each attempt as a span of its own`() async throws {
        let trace = try #require(TraceContext(traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"))
        let message = message()
        try await Receiver.run { receiver, notifier, _ in
            try await TraceContext.$current.withValue(trace) {
                for _ in 0..<2 { try await notifier.send(message) }
            }
            try await notifier.send(message)
            let sent = receiver.calls.compactMap { $0.traceparent.flatMap { TraceContext(traceparent: $0) } }
            #expect(sent.count == 3)
            #expect(sent.prefix(2).allSatisfy { $0.trace == trace.trace })
            #expect(Set(sent.map(\.span)).union([trace.span]).count == 4)
        }
    }

    @Test func `carries the same id each time, and a signature of that time`() async throws {
        let message = message()
        try await Receiver.run { receiver, notifier, clock in
            receiver.answer(Response(status: .serviceUnavailable))
            _ = try await failure { try await notifier.send(message) }
            clock.advance(by: .seconds(600))
            try await notifier.send(message)
            #expect(Set(receiver.calls.map(\.id)).count == 1)
            #expect(Set(receiver.calls.map(\.body)).count == 1)
            #expect(Set(receiver.calls.map(\.signature)).count == 2)
            let call = try #require(receiver.calls.last)
            try WebhookSignature(secret: Receiver.secret).check(call.signature, over: call.body, at: clock.now())
        }
    }

    @Test func `is taken or refused by its status`() {
        func kind(_ status: Int) -> SendingFailure.Kind? {
            WebhookAnswer(status: status, retryAfter: nil).failure?.kind
        }
        for status in [200, 201, 202, 204] { #expect(kind(status) == nil) }
        for status in [301, 302, 307, 408, 409, 425, 429, 500, 502, 503, 504, 599] {
            #expect(kind(status) == .transient(retryAfter: nil), "\(status)")
        }
        for status in [400, 401, 403, 404, 405, 410, 413, 422, 451] {
            #expect(kind(status) == .permanent, "\(status)")
        }
    }

    @Test func `is tried again when the other side says`() {
        func pause(_ header: String) -> SendingFailure.Kind? {
            WebhookAnswer(status: 429, retryAfter: header).failure?.kind
        }
        #expect(pause("120") == .transient(retryAfter: .seconds(120)))
        for odd in ["-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT", "99999999999999999999", "86401"] {
            #expect(pause(odd) == .transient(retryAfter: nil))
        }
    }

    @Test func `what is answered decides`() async throws {
        try await Receiver.run { receiver, notifier, _ in
            receiver.answer(
                Response(status: .tooManyRequests, headers: [.retryAfter: "7"]),
                Response(status: .unprocessableContent),
                Response(status: .found, headers: [.location: "/hook"]),
                Response(status: .ok, body: .init(byteBuffer: ByteBuffer(repeating: 65, count: 1 << 20))))
            let message = message()
            let expected: [SendingFailure?] = [
                SendingFailure(.transient(retryAfter: .seconds(7)), "HTTP 429"),
                SendingFailure(.permanent, "HTTP 422"), SendingFailure(.transient(retryAfter: nil), "HTTP 302"), nil,
            ]
            for answer in expected {
                let failed = try await failure { try await notifier.send(message) }
                #expect(failed == answer)
            }
            #expect(receiver.calls.count == 4)
        }
    }

    @Test func `an answer that does not end is not waited for`() async throws {
        try await Receiver.run(timeout: .milliseconds(300)) { receiver, notifier, _ in
            receiver.answer(Response(status: .ok, body: Self.endless))
            let message = message()
            let failed = try await failure { try await notifier.send(message) }
            #expect(failed == SendingFailure(.transient(retryAfter: nil), "no answer in time"))
        }
    }

    @Test func `a process that ends gives up without calling it a failure`() async throws {
        try await Receiver.run { receiver, notifier, _ in
            receiver.answer(Response(status: .ok, body: Self.endless))
            let message = message()
            let sending = Task { try await notifier.send(message) }
            while receiver.calls.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            sending.cancel()
            await #expect(throws: CancellationError.self) { try await sending.value }
        }
    }

    @Test func `nobody there is a failure that may pass`() async throws {
        let notifier = WebhookNotifier(
            .init(url: "http://127.0.0.1:1/hook", secret: Receiver.secret), language: .korean, clock: ManualClock(),
            random: SeededRandom(seed: 1))
        let failed = try await failure { try await notifier.send(message()) }
        #expect(failed?.kind == .transient(retryAfter: nil))
        try await notifier.close()
    }
}
