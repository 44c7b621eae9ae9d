import Notifications
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@Suite struct `Recording messages` {
    let order = OrderFacts.fixture(lines: [.fixture(name: "sword"), .fixture(name: "shield")])

    @Test(arguments: End.allCases)
    func `the end of an order is recorded once for each channel, however often delivered`(_ end: End) async throws {
        try await withNotifications(channels: ["console", "mail"]) { notifications in
            let outcome = try await notifications.deliver(end.event(order))
            #expect(outcome.disposition == .applied)
            #expect(outcome.emitted.isEmpty)
            #expect(try await notifications.redeliver().disposition == .duplicate)

            let recorded = try await notifications.notifications(of: order)
            #expect(recorded.map(\.message.channel).sorted() == ["console", "mail"])
            #expect(recorded.allSatisfy { $0.state == .pending && $0.message.template == end.template })
            #expect(recorded.allSatisfy { $0.message.userID == order.userID })
            let expected = NotificationParameters(
                item: "sword", otherLines: 1, amount: order.final, currency: .krw, reason: end.reason)
            #expect(recorded.allSatisfy { $0.message.content == .order(expected) })
            #expect(try await notifications.pending() == 2)
        }
    }

    @Test func `without channels nothing is recorded`() async throws {
        try await withNotifications(channels: []) { notifications in
            let outcome = try await notifications.deliver(OrderCompleted(order: order))
            #expect(outcome.disposition == .ignored)
            #expect(try await notifications.pending() == 0)
        }
    }

    @Test func `two ends of one order are found`() async throws {
        try await withNotifications { notifications in
            try await notifications.deliver(OrderCompleted(order: order))
            #expect(try await notifications.violations().isEmpty)
            try await notifications.deliver(End.failed.event(order))
            #expect(try await notifications.violations().count == 1)
        }
    }

    @Test(arguments: [
        "UPDATE notifications_messages SET state = 'SENT', next_attempt_at = NULL",
        "UPDATE notifications_messages SET next_attempt_at = NULL",
        "UPDATE notifications_messages SET state = 'FAILED', next_attempt_at = NULL",
        "UPDATE notifications_messages SET state = 'LOST'",
        "UPDATE notifications_messages SET state = 'SKIPPED', next_attempt_at = NULL",
    ])
    func `the database refuses what must not be`(_ change: String) async throws {
        try await withNotifications { notifications in
            try await notifications.deliver(OrderCompleted(order: order))
            await #expect(throws: SQLError.self) {
                try await notifications.given { try $0.execute(SQLStatement(change)) }
            }
        }
    }
}
