import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL

/// Records a message for each channel. A worker sends it: sending from here would be lost, or repeated, with a commit whose
/// outcome is unknown.
struct RecordMessages<Trigger: Notifiable>: BatchReaction {
    typealias Transaction = any SQLTransaction
    typealias Input = Trigger
    typealias Accepted = Silence
    typealias Rejected = Never

    static var id: ReactionID { "notifications.record-messages.\(Trigger.type.name)" }
    let channels: [String]

    init(for channels: [String]) { self.channels = channels }

    func react(toAll events: [Trigger], in step: SQLStep) throws -> [Reply<Silence, Never>] {
        guard step.handling.count == events.count else {
            throw SagaFault.permanent(.contract, "\(Self.id) was called without its envelopes")
        }
        guard !channels.isEmpty else { return events.map { _ in .ignore(.notExpected) } }
        let messages = zip(step.handling, events).map { envelope, event in
            MessageStore.EventMessages(
                event: envelope.id,
                messages: channels.sorted().map { channel in
                    NotificationMessage(
                        id: step.ids.next(), channel: channel, orderID: event.order.id, userID: event.order.userID,
                        template: Trigger.template,
                        parameters: NotificationParameters(event.order, reason: event.reason), createdAt: step.now,
                        attempts: 0, traceparent: envelope.traceparent)
                })
        }
        let new = try MessageStore(step).insert(messages)
        return step.handling.map { new.contains($0.id) ? .accept(Silence()) : .ignore(.duplicate) }
    }
}
