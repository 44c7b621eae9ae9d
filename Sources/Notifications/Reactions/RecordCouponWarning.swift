import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Records for each channel that a user's coupon expires soon. A worker sends it.
struct RecordCouponWarning: Reaction {
    static let id: ReactionID = "notifications.record-coupon-warning"  // Inbox key: never rename.
    let channels: [String]

    init(for channels: [String]) { self.channels = channels }

    func react(to event: CouponExpiringWarning, in step: SQLStep) throws -> Reply<Silence, Never> {
        guard let envelope = step.handling.first else {
            throw SagaFault.permanent(.contract, "\(Self.id) was called without its envelope")
        }
        guard !channels.isEmpty else { return .ignore(.notExpected) }
        let notice = CouponNotice(couponID: event.couponID, code: event.code, expiresAt: event.expiresAt)
        let messages = channels.sorted().map { channel in
            NotificationMessage(
                id: step.ids.next(), channel: channel, userID: event.userID, template: .couponExpiring,
                content: .coupon(notice), createdAt: step.now, attempts: 0, traceparent: envelope.traceparent)
        }
        let new = try MessageStore(step).insert([.init(event: envelope.id, messages: messages)])
        return new.isEmpty ? .ignore(.duplicate) : .accept(Silence())
    }
}
