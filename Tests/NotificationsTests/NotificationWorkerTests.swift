import FoundationEssentials
import Notifications
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@Suite struct `The notification worker` {
    let order = OrderFacts.fixture()

    @Test func `it sends what is recorded and marks it sent`() async throws {
        try await withNotifications { notifications in
            let notifier = ScriptedNotifier()
            let worker = NotificationWorker(notifications.context, notifier: notifier)
            #expect(worker.follows == NotificationsParticipant.service)
            #expect(worker.wakesOn == notifications.participant.subscriptions)
            #expect(try await worker.poll() == .idle(wakeAt: nil))
            try await notifications.deliver(OrderCompleted(order: order))
            #expect(try await worker.poll() == .worked)
            #expect(try await worker.poll() == .idle(wakeAt: nil))

            #expect(notifier.sent.map(\.orderID) == [order.id])
            let view = try #require(try await notifications.notifications(of: order).first)
            #expect(view.state == .sent)
            #expect(view.sentAt == notifications.clock.now())
            #expect(try await notifications.pending() == 0)
        }
    }

    @Test func `a failure is tried again later, with the same message id`() async throws {
        try await withNotifications { notifications in
            let notifier = ScriptedNotifier(failures: 2)
            let worker = NotificationWorker(notifications.context, notifier: notifier)
            try await notifications.deliver(OrderCompleted(order: order))
            let id = try #require(try await notifications.notifications(of: order).first).message.id
            for attempt in 1...2 {
                #expect(try await worker.poll() == .worked)
                let view = try #require(try await notifications.notifications(of: order).first)
                #expect(view.message.attempts == attempt)
                #expect(view.lastError == "mailbox full")
                guard case .idle(let wakeAt?) = try await worker.poll() else {
                    Issue.record("nothing to wake for")
                    return
                }
                #expect(wakeAt > notifications.clock.now())
                notifications.clock.advance(to: wakeAt)
            }
            #expect(try await worker.poll() == .worked)
            #expect(notifier.sent.map(\.id) == [id])
        }
    }

    @Test func `after the last attempt it is given up, kept and audited`() async throws {
        try await withNotifications { notifications in
            let notifier = ScriptedNotifier(failures: .max)
            let worker = NotificationWorker(notifications.context, notifier: notifier, maxAttempts: 5)
            try await notifications.deliver(OrderCompleted(order: order))
            for _ in 0..<10 {
                _ = try await worker.poll()
                notifications.clock.advance(by: .seconds(60))
            }
            let view = try #require(try await notifications.notifications(of: order).first)
            #expect(view.state == .failed)
            #expect(view.message.attempts == 5)
            #expect(view.lastError == "mailbox full")
            #expect(try await worker.poll() == .idle(wakeAt: nil))
            let audits = try await notifications.read {
                try $0.rows("SELECT action, severity, status FROM saga_audit").map {
                    try [$0.text("action"), String($0.int64("severity")), $0.text("status")]
                }
            }
            #expect(audits == [["notifications.give-up", "3", "failed"]])
        }
    }

    @Test func `what is refused for good is parked at once, listed and audited`() async throws {
        try await withNotifications { notifications in
            let notifier = ScriptedNotifier(failures: .max, as: SendingFailure(.permanent, "550 5.1.1"))
            let worker = NotificationWorker(notifications.context, notifier: notifier)
            try await notifications.deliver(OrderCompleted(order: order))
            #expect(try await worker.poll() == .worked)
            #expect(try await worker.poll() == .idle(wakeAt: nil))
            let parked = try await notifications.read { try NotificationQueries($0).parked() }
            #expect(parked.map(\.lastError) == ["550 5.1.1"])
            #expect(parked.map(\.state) == [.failed] && parked.map(\.message.attempts) == [1])
            let last = try #require(parked.last).message.id
            #expect(try await notifications.read { try NotificationQueries($0).parked(before: last) } == [])
            let audits = try await notifications.read { try $0.rows("SELECT details FROM saga_audit").count }
            #expect(audits == 1)
        }
    }

    @Test func `a user without an address is passed over, no failure`() async throws {
        try await withNotifications { notifications in
            let notifier = ScriptedNotifier(failures: .max, as: SendingFailure(.unaddressed, "no address"))
            let worker = NotificationWorker(notifications.context, notifier: notifier)
            try await notifications.deliver(OrderCompleted(order: order))
            #expect(try await worker.poll() == .worked)
            let view = try #require(try await notifications.notifications(of: order).first)
            #expect(view.state == .skipped && view.lastError == "no address" && view.message.attempts == 0)
            #expect(try await notifications.read { try NotificationQueries($0).parked() } == [])
            #expect(try await notifications.pending() == 0)
        }
    }

    @Test func `the other side may ask for a longer pause, up to an hour`() async throws {
        try await withNotifications { notifications in
            for asked in [Duration.seconds(600), .seconds(999_999)] {
                let order = OrderFacts.fixture()
                let failure = SendingFailure(.transient(retryAfter: asked), "busy")
                let worker = NotificationWorker(
                    notifications.context, notifier: ScriptedNotifier(failures: 1, as: failure))
                try await notifications.deliver(OrderCompleted(order: order))
                #expect(try await worker.poll() == .worked)
                #expect(
                    try await worker.poll()
                        == .idle(wakeAt: notifications.clock.now() + min(asked, .seconds(3600))))
                notifications.clock.advance(by: .seconds(3600))
                #expect(try await worker.poll() == .worked)
            }
        }
    }

    @Test func `it takes as many messages as are sent side by side`() async throws {
        try await withNotifications { notifications in
            let notifier = ScriptedNotifier(width: 2)
            let worker = NotificationWorker(notifications.context, notifier: notifier)
            for _ in 0..<5 { try await notifications.deliver(OrderCompleted(order: .fixture())) }
            for sent in [2, 4, 5] {
                #expect(try await worker.poll() == .worked)
                #expect(notifier.sent.count == sent)
            }
        }
    }

    @Test func `a failure on one channel does not hold up the other`() async throws {
        try await withNotifications(channels: ["console", "mail"]) { notifications in
            let (console, mail) = (ScriptedNotifier("console"), ScriptedNotifier("mail", failures: 1))
            let workers = [console, mail].map { NotificationWorker(notifications.context, notifier: $0) }
            #expect(Set(workers.map(\.name)).count == 2)
            try await notifications.deliver(OrderCompleted(order: order))
            for worker in workers { _ = try await worker.poll() }
            #expect(console.sent.count == 1)
            #expect(mail.sent.isEmpty)
            notifications.clock.advance(by: .seconds(1))
            for worker in workers { _ = try await worker.poll() }
            #expect(console.sent.count == 1)
            #expect(mail.sent.count == 1)
        }
    }

    @Test func `a channel that hangs keeps no other waiting`() async throws {
        try await withNotifications(channels: ["console", "mail"]) { notifications in
            let hanging = HangingNotifier("mail")
            let console = ScriptedNotifier("console")
            let slow = NotificationWorker(notifications.context, notifier: hanging)
            try await notifications.deliver(OrderCompleted(order: order))
            async let stuck = slow.poll()
            await hanging.isReached()
            #expect(
                try await NotificationWorker(notifications.context, notifier: console).poll() == .worked)
            let states = try await notifications.notifications(of: order).map { "\($0.message.channel) \($0.state)" }
            #expect(states.sorted() == ["console sent", "mail pending"])
            hanging.release()
            #expect(try await stuck == .worked)
            #expect(try await notifications.pending() == 0)
        }
    }

    @Test func `a crash after sending repeats the message with its id`() async throws {
        try await withNotifications(probe: CrashOnce(at: .notificationAfterSend)) { notifications in
            let notifier = ScriptedNotifier()
            let worker = NotificationWorker(notifications.context, notifier: notifier, lease: .seconds(60))
            try await notifications.deliver(OrderCompleted(order: order))
            await #expect(throws: CrashOnce.Crash.self) { try await worker.poll() }
            #expect(try await notifications.pending() == 1)
            notifications.clock.advance(by: .seconds(60))
            _ = try await worker.poll()
            #expect(notifier.sent.count == 2)
            #expect(Set(notifier.sent.map(\.id)).count == 1)
            #expect(try await notifications.pending() == 0)
        }
    }

    @Test func `what is given up since the process ends counts as no attempt and is sent later`() async throws {
        try await withNotifications { notifications in
            let notifier = ScriptedNotifier(failures: 1, as: CancellationError())
            let worker = NotificationWorker(notifications.context, notifier: notifier, lease: .seconds(60))
            try await notifications.deliver(OrderCompleted(order: order))
            #expect(try await worker.poll() == .worked)
            let view = try #require(try await notifications.notifications(of: order).first)
            #expect(view.state == .pending && view.message.attempts == 0 && view.lastError == nil)
            #expect(try await worker.poll() == .idle(wakeAt: notifications.clock.now() + .seconds(60)))
            notifications.clock.advance(by: .seconds(60))
            #expect(try await worker.poll() == .worked)
            #expect(notifier.sent.count == 1)
        }
    }

    @Test func `a message of a channel without notifier waits`() async throws {
        try await withNotifications(channels: ["console", "mail"]) { notifications in
            let worker = NotificationWorker(notifications.context, notifier: ScriptedNotifier("console"))
            try await notifications.deliver(OrderCompleted(order: order))
            _ = try await worker.poll()
            #expect(try await worker.poll() == .idle(wakeAt: nil))
            #expect(try await notifications.pending() == 1)
        }
    }

    @Test func `a stale failure does not undo a message that was sent`() async throws {
        try await withNotifications { notifications in
            try await notifications.deliver(OrderCompleted(order: order))
            let claim = ClaimDueMessages(channel: "console", limit: 10, lease: .seconds(1))
            let message = try await notifications.run(claim).outcome[0]
            try await notifications.run(RecordSendings([.init(message, .sent)], maxAttempts: 1))
            for late in [
                RecordSendings.Ending.failed("late", retryAfter: .zero), .refused("late"), .unaddressed("late"),
            ] {
                try await notifications.run(RecordSendings([.init(message, late)], maxAttempts: 1))
            }
            #expect(try await notifications.notifications(of: order).map(\.state) == [.sent])
        }
    }
}
