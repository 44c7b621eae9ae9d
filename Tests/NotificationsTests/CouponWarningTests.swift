import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaTesting
import Testing

@testable import Notifications

@Suite struct `A coupon that expires soon` {
    private let warning = CouponExpiringWarning(
        userCouponID: UserCouponID(UUID()), couponID: CouponID(UUID()), code: "spring", userID: UserID(UUID()),
        expiresAt: Timestamp(milliseconds: 1_795_600_000_000))

    private func message(_ code: String?) -> NotificationMessage {
        NotificationMessage(
            id: UUID(), channel: "console", userID: UserID(UUID()), template: .couponExpiring,
            content: .coupon(
                CouponNotice(couponID: warning.couponID, code: code, expiresAt: warning.expiresAt)),
            createdAt: Timestamp(milliseconds: 0), attempts: 0)
    }

    @Test func `is told its owner once by each channel, however often the warning comes`() async throws {
        try await withNotifications(channels: ["console", "email"]) { notifications in
            #expect(try await notifications.deliver(warning).disposition == .applied)
            #expect(try await notifications.redeliver().disposition == .duplicate)
            for channel in ["console", "email"] {
                let notifier = ScriptedNotifier(channel)
                _ = try await NotificationWorker(notifications.context, notifier: notifier).poll()
                let sent = try #require(notifier.sent.first)
                #expect(notifier.sent.count == 1)
                #expect(sent.userID == warning.userID && sent.orderID == nil && sent.template == .couponExpiring)
                let notice = CouponNotice(couponID: warning.couponID, code: "spring", expiresAt: warning.expiresAt)
                #expect(sent.content == .coupon(notice))
            }
            #expect(try await notifications.pending() == 0)
            #expect(try await notifications.violations() == [])
        }
    }

    @Test func `is told nobody while no channel is in use`() async throws {
        try await withNotifications(channels: []) { notifications in
            let outcome = try await notifications.deliver(warning)
            #expect(outcome.disposition == .ignored)
            #expect(try await notifications.pending() == 0)
        }
    }

    @Test func `is given up with an audit row that names no order`() async throws {
        try await withNotifications { notifications in
            try await notifications.deliver(warning)
            let notifier = ScriptedNotifier(failures: 1, as: SendingFailure(.permanent, "unknown"))
            _ = try await NotificationWorker(notifications.context, notifier: notifier).poll()
            let parked = try await notifications.read { try NotificationQueries($0).parked() }
            #expect(parked.map(\.message.orderID) == [nil])
            let correlated = try await notifications.read {
                try $0.rows("SELECT correlation_id FROM saga_audit").map { try $0.optionalUUID("correlation_id") }
            }
            #expect(correlated == [nil])
        }
    }

    @Test func `is worded in Korean and in English, with and without a code`() {
        let (korean, english) = (NotificationText(.korean), NotificationText(.english))
        #expect(korean.line(for: message("spring")) == "쿠폰이 곧 만료됩니다: SPRING, 2026-11-25 09:46 UTC까지")
        #expect(english.line(for: message("spring")) == "Your coupon expires soon: SPRING, until 2026-11-25 09:46 UTC")
        #expect(english.line(for: message(nil)).contains("a coupon without a code"))
        let letter = english.letter(for: message("spring"))
        #expect(letter.subject == "Your coupon expires soon")
        #expect(letter.body == "A coupon of yours expires soon.\n\nCoupon: SPRING\nExpires: 2026-11-25 09:46 UTC\n")
        #expect(korean.letter(for: message(nil)).body.contains("쿠폰: 코드 없는 쿠폰\n"))
    }
}
