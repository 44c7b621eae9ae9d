import FoundationEssentials

/// Who is told of what the engine did, after it committed. Observers never take part: they cannot fail a step.
public protocol SagaObserver: Sendable {
    /// Events that a commit made visible; wakes their consumers.
    func committed(_ envelopes: [Envelope])

    /// One delivery came to an end, or will be tried again.
    func delivered(_ report: DeliveryReport)

    /// Deliveries of one transaction came to their ends.
    func delivered(_ reports: [DeliveryReport])

    /// A consumer or worker cannot reach its store or transport and waits until `resumeAt`.
    func paused(_ name: String, because fault: SagaFault, until resumeAt: Timestamp)
}

extension SagaObserver {
    /// One after another.
    public func delivered(_ reports: [DeliveryReport]) {
        for report in reports { delivered(report) }
    }
}

/// What became of one delivery.
public struct DeliveryReport: Sendable {
    /// The consumer group it was delivered to.
    public let group: ServiceID
    /// The reaction that answered; `nil` if none did: a fault, or an event without a reaction.
    public let reaction: ReactionID?
    /// What was delivered.
    public let envelope: Envelope
    /// How it ended.
    public let disposition: Disposition
    /// Deliveries that faulted, this one included.
    public let attempts: Int
    /// Why it was set aside for later or parked; `nil` unless it was.
    public let fault: SagaFault?
    /// What the reaction emitted, in order; committed with its change.
    public let emitted: [Envelope]

    /// Takes what its properties say.
    public init(
        group: ServiceID, reaction: ReactionID?, envelope: Envelope, disposition: Disposition, attempts: Int = 0,
        fault: SagaFault? = nil, emitted: [Envelope] = []
    ) {
        self.group = group
        self.reaction = reaction
        self.envelope = envelope
        self.disposition = disposition
        self.attempts = attempts
        self.fault = fault
        self.emitted = emitted
    }
}

/// Named places at which a test may crash the process or inject a fault. In production nothing listens.
public protocol Probe: Sendable {
    /// - Throws: an injected fault.
    func reach(_ point: ProbePoint) throws
}

/// The named places, in the order in which an order passes them.
public enum ProbePoint: String, Sendable, CaseIterable {
    case commandBeforeCommit = "command.before-commit"
    case commandAfterCommit = "command.after-commit"
    case batchBeforeCommit = "batch.before-commit"
    case batchAfterCommit = "batch.after-commit"
    case gatewayBeforeCall = "gateway.before-call"
    case gatewayAfterCall = "gateway.after-call"
    case notificationAfterSend = "notification.after-send"
    case pruneBeforeCommit = "prune.before-commit"
}

/// The probe of production.
public struct NoProbe: Probe {
    /// A value without content.
    public init() {}
    /// Does nothing.
    public func reach(_ point: ProbePoint) {}
}
