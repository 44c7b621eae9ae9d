import PurchaseContracts
import SagaChoreography
import SagaSQL

/// Records a message for each channel. A worker sends it: sending from here would be lost, or repeated, with a commit whose
/// outcome is unknown.
struct RecordMessages<Trigger: Notifiable>: Reaction {
    static var id: ReactionID { "notifications.record-messages.\(Trigger.type.name)" }
    let channels: [String]

    init(for channels: [String]) { self.channels = channels }

    func react(to event: Trigger, in step: SQLStep) throws -> Reply<Silence, Never> {
        guard let envelope = step.handling.first else {
            throw SagaFault.permanent(.contract, "\(Self.id) was called without its envelope")
        }
        guard !channels.isEmpty else { return .ignore(.notExpected) }
        let isNew = try MessageStore(step).insert(about: envelope, on: channels) { channel in
            NotificationMessage(
                id: step.ids.next(), channel: channel, orderID: event.order.id, userID: event.order.userID,
                template: Trigger.template,
                parameters: NotificationParameters(event.order, reason: event.reason), createdAt: step.now,
                attempts: 0, traceparent: envelope.traceparent)
        }
        return isNew ? .accept(Silence()) : .ignore(.duplicate)
    }
}
