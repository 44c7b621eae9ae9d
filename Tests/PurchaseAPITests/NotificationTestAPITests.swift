import FoundationEssentials
import Notifications
import PurchaseContracts
import Synchronization
import Testing

@testable import PurchaseAPI

/// Answers as it is told to, and keeps what it was given.
private final class ScriptedNotifier: Notifier {
    let channel: String
    private let failure: (any Error)?
    private let given = Mutex<[NotificationMessage]>([])

    init(_ channel: String, failing failure: (any Error)? = nil) {
        self.channel = channel
        self.failure = failure
    }

    var messages: [NotificationMessage] { given.withLock { $0 } }

    func send(_ message: NotificationMessage) async throws {
        given.withLock { $0.append(message) }
        if let failure { throw failure }
    }
}

@Suite struct `A test of notifications` {
    private static let path = "/admin/notifications/test"

    @Test func `goes to whoever asks, by each channel, and tells what became of it`() async throws {
        struct Broken: Error {}
        let notifiers = [
            ScriptedNotifier("console"),
            ScriptedNotifier("email", failing: SendingFailure(.unaddressed, "the user told no mail address")),
            ScriptedNotifier("sms", failing: Broken()),
            ScriptedNotifier("push", failing: SendingFailure(.transient(retryAfter: nil), "no answer\nin time")),
            ScriptedNotifier("webhook", failing: SendingFailure(.permanent, "HTTP 410")),
        ]
        try await APIHarness.run(notifiers: notifiers) { api in
            let data = try await api.testData()
            let answer = try await api.send(.post, Self.path, token: data.adminToken)
            #expect(answer.status == .ok)
            #expect(try answer.json.at(["sent"]) == false)
            let told = try answer.array("channels").map { channel in
                let reason = try? channel.text("reason")
                return "\(try channel.text("channel")) \(try channel.text("outcome")) \(reason ?? "-")"
            }
            #expect(
                told == [
                    "console sent -", "email unaddressed the user told no mail address",
                    "push failed no answer in time",
                    "sms failed Broken()", "webhook refused HTTP 410",
                ])
            for notifier in notifiers {
                let message = try #require(notifier.messages.first)
                #expect(notifier.messages.count == 1)
                #expect(message.id.uuidString.lowercased() == (try answer.text("id")))
                #expect(message.template == .test && message.channel == notifier.channel)
            }
            // Nothing of it is kept but the audit row.
            let kept = try await api.database.read { transaction in
                (
                    try transaction.rows("SELECT id FROM notifications_messages").count,
                    try transaction.rows(
                        "SELECT actor, status, details FROM saga_audit WHERE action = 'notifications.test'"
                    ).map { (try $0.optionalUUID("actor"), try $0.text("status"), try $0.text("details")) }
                )
            }
            #expect(kept.0 == 0)
            let audited = try #require(kept.1.first)
            #expect(kept.1.count == 1)
            #expect(audited.0 == notifiers[0].messages.first?.userID.uuid)
            #expect(audited.1 == "failed")
            #expect(audited.2.contains(#""webhook":"refused""#) && audited.2.contains(#""console":"sent""#))
        }
    }

    @Test func `that every channel took says so`() async throws {
        try await APIHarness.run(notifiers: [ScriptedNotifier("console")]) { api in
            let data = try await api.testData()
            let answer = try await api.send(.post, Self.path, token: data.adminToken)
            #expect(try answer.json.at(["sent"]) == true)
        }
    }

    @Test func `without a channel is a conflict that names the keys`() async throws {
        try await APIHarness.run(notifiers: []) { api in
            let data = try await api.testData()
            let answer = try await api.send(
                .post, Self.path, token: data.adminToken, headers: [.acceptLanguage: "en"])
            #expect(answer.status == .conflict)
            #expect(answer.code == "notifications.off")
            #expect(try answer.text("detail").contains("NOTIFICATION_TYPE"))
        }
    }

    @Test func `is for administrators, a few a minute`() async throws {
        let notifier = ScriptedNotifier("console")
        try await APIHarness.run(rateLimit: RateLimit(window: .seconds(60), requests: 40), notifiers: [notifier]) {
            api in
            let data = try await api.testData()
            #expect(try await api.send(.post, Self.path).status == .unauthorized)
            #expect(try await api.send(.post, Self.path, token: data.userToken).status == .forbidden)
            #expect(notifier.messages.isEmpty)
            for _ in 0..<2 { #expect(try await api.send(.post, Self.path, token: data.adminToken).status == .ok) }
            let refused = try await api.send(.post, Self.path, token: data.adminToken)
            #expect(refused.status == .tooManyRequests)
            #expect(notifier.messages.count == 2)
        }
    }
}
