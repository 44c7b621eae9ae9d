/// One event for one participant, apart from any transport: to see what would become of it, or to decide on it in a transaction that
/// the caller has open.
public struct LoneDelivery<Store: SagaStore>: Sendable {
    /// The event with its data read; `nil` if the participant has no reaction to its type.
    public let event: (any Event)?

    private let opened: OpenedDelivery
    private let step: BatchStep<Store>

    /// Reads the event's data.
    ///
    /// - Throws: ``SagaFault`` `.permanent` (`undecodable`) if it cannot be read.
    public init(
        of envelope: Envelope, to participant: Participant<Store.Transaction>, store: Store, ids: any IDGenerator
    ) throws {
        step = BatchStep(participant, store: store, ids: ids)
        guard let opened = try step.open([envelope]).first else {
            throw SagaFault.permanent(.contract, "one event was read as none")
        }
        self.opened = opened
        event = opened.event
    }

    /// Handles it as a consumer would, what it emits included.
    ///
    /// - Throws: what the reaction throws; part of what it did may stand in the transaction then.
    public func handle(at now: Timestamp, in transaction: Store.Transaction) throws -> DeliveryReport {
        guard let report = try step.handle([opened], at: now, in: transaction, isDecisive: true).first else {
            throw SagaFault.permanent(.contract, "\(opened.envelope.type) was handled without a report")
        }
        return report
    }
}
