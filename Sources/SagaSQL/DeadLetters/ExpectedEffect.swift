import FoundationEssentials
import SQLCore
import SagaChoreography

/// What would become of a parked message if it were handled now.
public enum ExpectedEffect: Sendable, Hashable {
    /// It would be handled so, and would emit that.
    case handled(Disposition, emits: [EventType])
    /// It would fault again.
    case faults(String)
    /// It could not be read; `isSettled`: its saga is settled for its group, so that nothing of it can change anything there.
    case unreadable(String, isSettled: Bool)
    /// It is no event at all, so it cannot even be delivered; `isSettled` as above.
    case noEvent(isSettled: Bool)

    /// Why the message may not be replayed; `nil` if it may.
    public var refusalOfReplay: DeadLetterRefusal? {
        if case .noEvent = self { return .noEvent }
        return nil
    }

    /// Why the message may not be forgotten; `nil` if it may, because nothing would come of it.
    public var refusalOfDiscard: DeadLetterRefusal? {
        switch self {
        case .handled(.ignored, emits: []), .handled(.duplicate, emits: []): nil
        case .handled(let disposition, let emits): .hasEffect(disposition, emits)
        case .faults(let fault): .faults(fault)
        case .unreadable(_, isSettled: true), .noEvent(isSettled: true): nil
        case .unreadable(let fault, isSettled: false): .undecided(fault)
        case .noEvent(isSettled: false): .undecided("it is no event")
        }
    }

    /// Finds out by handling the message in an open transaction. Whoever keeps that transaction must not do so unless
    /// ``refusalOfDiscard`` is `nil`.
    ///
    /// - Throws: ``DeadLetterRefusal`` `.unknownConsumer`; the store's error if it is away.
    static func of(
        _ message: ParkedMessage, by rules: DeadLetterRules, _ store: SQLSagaStore, in step: SQLStep
    ) throws -> ExpectedEffect {
        let delivery: LoneDelivery<SQLSagaStore>
        do {
            let envelope = try message.opened()
            // What is kept for a consumer is kept as a CloudEvent.
            guard (try? envelope.cloudEvent()) != nil else {
                return .noEvent(isSettled: try rules.isSettled(message, in: step.transaction))
            }
            delivery = try LoneDelivery(
                of: envelope, to: rules.participant(message.consumer), store: store, ids: step.ids)
        } catch let fault as SagaFault {
            let isSettled = try rules.isSettled(message, in: step.transaction)
            return .unreadable(fault.summary, isSettled: isSettled)
        }
        do {
            let report = try delivery.decide(message, at: step.now, in: step.transaction)
            return .handled(report.disposition, emits: report.emitted.map(\.type))
        } catch {
            let fault = SagaFault(error)
            if case .unavailable = fault { throw error }
            return .faults(fault.summary)
        }
    }
}

/// What an operation would do to one parked message.
public struct PlannedItem: Sendable, Hashable {
    /// The message as it is.
    public let message: ParkedMessage
    /// What handling it now would do; for an edit: once it is edited.
    public let effect: ExpectedEffect?
    /// Why the operation would leave it alone; `nil` if it would not.
    public let refusal: DeadLetterRefusal?
}
