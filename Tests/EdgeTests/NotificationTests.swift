import Foundation
import ProcessDriver
import TestServers
import Testing

/// The built program, a mail server in a process of its own, and a program that listens for webhooks.
@Suite(.serialized, .enabled(if: MailServer.requirement.allowsTests, "\(MailServer.requirement.explanation)"))
struct `Notifications of a running server` {
    private struct Notification: Decodable, Sendable {
        let channel: String
        let status: String
        let failedAttempts: Int
    }

    private struct Parked: Decodable, Sendable {
        struct Entry: Decodable, Sendable {
            let channel: String
            let orderId: String
            let reason: String
            let failedAttempts: Int
        }

        let notifications: [Entry]
    }

    /// A server, a shop on it, and where its messages go.
    private struct Run: Sendable {
        let server: Server
        let shop: Storefront
        let data: Seen.TestData.Content
        let mail: MailServer
        let hooks: WebhookListener

        /// Places an order and waits for its end.
        func order(expecting status: String = "COMPLETED") async throws -> String {
            let body = #"{"userId":"\#(data.user.id)","itemId":"\#(data.items[0].id)","quantity":1}"#
            let placed = try await shop.call("POST", "/orders", token: data.tokens.user, body: body)
            let id = try placed.decoded(as: Seen.Order.self).id
            let order = try await waiting(for: "the end of order \(id)") { () -> Seen.Order? in
                let order: Seen.Order = try await shop.get("/orders/\(id)", token: data.tokens.user)
                return order.isFinal ? order : nil
            }
            #expect(order.status == status)
            return id
        }

        /// Waits until the order's messages are as expected.
        func waitUntil(_ order: String, _ what: String, _ holds: ([Notification]) -> Bool) async throws {
            _ = try await waiting(for: what, within: .seconds(60)) { () -> Bool? in
                let seen: [Notification] = try await shop.get(
                    "/orders/\(order)/notifications", token: data.tokens.user)
                return holds(seen) ? true : nil
            }
        }

        func tell(_ address: String) async throws {
            let answer = try await shop.call(
                "PUT", "/user/\(data.user.id)/email", token: data.tokens.user, body: #"{"email":"\#(address)"}"#)
            #expect(answer.status == 200)
        }
    }

    private static let password = "hunter2-\(UUID().uuidString)"
    private static let secret = "whsec-\(UUID().uuidString)"

    /// - Parameter startsMail: whether the mail server is there from the start.
    private func withServer(
        language: String, success: Double = 1, startsMail: Bool = true, _ body: (Run) async throws -> Void
    ) async throws {
        let mail = try MailServer(.starttls, login: (user: "shop", password: Self.password))
        let hooks = try await WebhookListener.start()
        let workspace = try Workspace("notifications")
        if startsMail { try await mail.start() }
        let server = try await Server.start(
            in: workspace,
            environment: [
                "NOTIFICATION_TYPE": "all", "NOTIFICATION_LANGUAGE": language, "SMTP_HOST": "127.0.0.1",
                "SMTP_PORT": "\(mail.port)", "SMTP_CA_FILE": mail.certificate, "SMTP_USER": "shop",
                "SMTP_PASS": Self.password, "SMTP_FROM": "A Shop <orders@shop.example>",
                "NOTIFICATION_WEBHOOK_URL": hooks.url, "NOTIFICATION_WEBHOOK_SECRET": Self.secret,
                "PAYMENT_SUCCESS_RATE": "\(success)", "PAYMENT_UNKNOWN_RATE": "0", "LOG_LEVEL": "info",
            ])
        do {
            let shop = Storefront()
            shop.moved(to: server.url)
            let run = Run(server: server, shop: shop, data: try await shop.setUpTestData(), mail: mail, hooks: hooks)
            try await body(run)
            _ = try await server.stop(within: .seconds(30))
            let said = server.program.out + server.program.errors
            for secret in [Self.password, Self.secret, "kim@mail.example"] {
                #expect(!said.contains(secret), "a secret or an address is in the log")
            }
        } catch {
            try await server.kill()
            try await hooks.close()
            try await mail.remove()
            throw error
        }
        try await hooks.close()
        try await mail.remove()
        workspace.remove()
    }

    @Test(.timeLimit(.minutes(3)), arguments: ["ko", "en"])
    func `each channel tells an order's end once, in the language of the shop`(_ language: String) async throws {
        try await withServer(language: language) { run in
            try await run.tell("kim@mail.example")
            let order = try await run.order()
            try await run.waitUntil(order, "three messages sent") { seen in
                seen.map(\.channel).sorted() == ["console", "email", "webhook"]
                    && seen.allSatisfy { $0.status == "SENT" }
            }
            let mails = try run.mail.received()
            #expect(mails.count == 1)
            let mail = try #require(mails.first)
            #expect(mail.isEncrypted && mail.user == "shop" && mail.to == "kim@mail.example")
            let (subject, text) =
                language == "ko"
                ? (
                    "주문 완료: 마법검",
                    "주문이 완료되었습니다. 이용해 주셔서 감사합니다.\n\n주문 번호: \(order)\n상품: 마법검\n결제 금액: 10,000원\n"
                )
                : (
                    "Order complete: 마법검",
                    "Your order is complete. Thank you.\n\nOrder: \(order)\nItems: 마법검\nPaid: KRW 10,000\n"
                )
            #expect(mail.subject == subject)
            #expect(mail.text == text)
            let calls = run.hooks.calls
            #expect(calls.count == 1)
            #expect(calls.first?.subject == subject && calls.first?.text == text && calls.first?.orderId == order)
            #expect(calls.first?.id != mail.id)
        }
    }

    private struct Tested: Decodable, Sendable {
        struct Channel: Decodable, Sendable {
            let channel: String
            let outcome: String
        }

        let id: String
        let sent: Bool
        let channels: [Channel]
    }

    @Test(.timeLimit(.minutes(3))) func `a test arrives by every channel, and what fails is told`() async throws {
        try await withServer(language: "en") { run in
            func test() async throws -> Tested {
                let answer = try await run.shop.call(
                    "POST", "/admin/notifications/test", token: run.data.tokens.admin)
                return try answer.decoded()
            }
            // The administrator of the test data told no address.
            let first = try await test()
            #expect(!first.sent)
            #expect(
                first.channels.map { "\($0.channel) \($0.outcome)" } == [
                    "console sent", "email unaddressed", "webhook sent",
                ])
            #expect(run.hooks.calls.map(\.id) == [first.id])
            let payload = try #require(run.data.tokens.admin.split(separator: ".").dropFirst().first)
            let admin = try #require(subject(of: String(payload)))
            _ = try await run.shop.call(
                "PUT", "/user/\(admin)/email", token: run.data.tokens.admin, body: #"{"email":"kim@mail.example"}"#)
            run.hooks.answer(410)
            let second = try await test()
            #expect(
                second.channels.map { "\($0.channel) \($0.outcome)" } == [
                    "console sent", "email sent", "webhook refused",
                ])
            let mails = try run.mail.received()
            #expect(mails.map(\.subject) == ["Test"])
            #expect(mails.first?.text == "An administrator sent this as a test. Nothing was ordered.\n")
        }
    }

    /// Whom a token is for.
    private func subject(of payload: String) -> String? {
        struct Claims: Decodable { let sub: String }
        let text = payload.replacing("-", with: "+").replacing("_", with: "/")
        let padded = text + String(repeating: "=", count: (4 - text.count % 4) % 4)
        return Data(base64Encoded: padded).flatMap { try? JSONDecoder().decode(Claims.self, from: $0) }?.sub
    }

    @Test(.timeLimit(.minutes(3)))
    func `while the mail server is away the webhook goes, and the mail arrives once it is back`() async throws {
        try await withServer(language: "en", success: 0, startsMail: false) { run in
            try await run.tell("kim@mail.example")
            let order = try await run.order(expecting: "FAILED")
            try await run.waitUntil(order, "a mail that failed and a webhook that did not") { seen in
                seen.contains { $0.channel == "email" && $0.failedAttempts >= 2 }
                    && seen.contains { $0.channel == "webhook" && $0.status == "SENT" }
            }
            #expect(run.hooks.calls.count == 1)
            try await run.mail.start()
            try await run.waitUntil(order, "the mail") { seen in seen.allSatisfy { $0.status == "SENT" } }
            let mails = try run.mail.received()
            #expect(mails.map(\.subject) == ["Order failed: 마법검"])
            #expect(mails.first?.text.contains("Reason: The payment was declined.\n") == true)
            #expect(run.hooks.calls.count == 1)
        }
    }

    @Test(.timeLimit(.minutes(3)))
    func `what is refused for good is parked and listed, what has no address is passed over`() async throws {
        try await withServer(language: "en") { run in
            let silent = try await run.order()
            // Its webhook, too, before the listener refuses them.
            try await run.waitUntil(silent, "a mail passed over and a webhook sent") { seen in
                seen.contains { $0.channel == "email" && $0.status == "SKIPPED" }
                    && seen.contains { $0.channel == "webhook" && $0.status == "SENT" }
            }
            try await run.tell("gone@mail.example")
            try run.mail.answer("gone@mail.example", at: "recipient", with: "550 5.1.1 <gone@mail.example> unknown")
            run.hooks.answer(410)
            let order = try await run.order()
            try await run.waitUntil(order, "two parked messages") { seen in
                seen.filter { $0.status == "FAILED" && $0.failedAttempts == 1 }.map(\.channel).sorted() == [
                    "email", "webhook",
                ]
            }
            let parked: Parked = try await run.shop.get("/admin/notifications", token: run.data.tokens.admin)
            #expect(parked.notifications.allSatisfy { $0.orderId == order && $0.failedAttempts == 1 })
            #expect(
                Set(parked.notifications.map { "\($0.channel): \($0.reason)" }) == [
                    "email: the server answered 550 5.1.1, naming the recipient", "webhook: HTTP 410",
                ])
            #expect(try run.mail.received().isEmpty)
        }
    }
}
