import FoundationEssentials
import SagaChoreography
import SagaSQL

/// One thing that was done, as it is kept.
public struct AuditEntry: Sendable, Hashable {
    /// How it ended.
    public typealias Status = AuditRecord.Status
    /// How much it matters, 1 to 5.
    public typealias Severity = AuditRecord.Severity

    /// Who did it, as far as is known.
    public struct Actor: Sendable, Hashable {
        public var userID: UUID?
        public var role: String?
        /// At most 45 characters.
        public var ipAddress: String?
        /// At most 1000 characters.
        public var userAgent: String?

        public init(userID: UUID?, role: String? = nil, ipAddress: String? = nil, userAgent: String? = nil) {
            self.userID = userID
            self.role = role
            self.ipAddress = ipAddress
            self.userAgent = userAgent
        }
    }

    /// That of the event, or of the row that a change wrote: the same thing is the same entry, however often it arrives.
    public var id: UUID
    /// `order.completed`, `items.stock-set`, …; at most 100 characters.
    public var action: String
    /// The kind of thing acted upon; at most 100 characters.
    public var resource: String
    /// Which one of its kind; at most 255 characters.
    public var resourceID: String
    public var actor: Actor
    /// When it happened.
    public var occurredAt: Timestamp
    public var status: Status
    public var severity: Severity
    /// A JSON object in UTF-8, masked.
    public var details: Data
    /// The order it belongs to, if any.
    public var correlationID: UUID?
    /// The event that led to it.
    public var causationID: UUID?
    /// W3C trace context.
    public var traceparent: String?
    /// The service that did it.
    public var service: ServiceID

    public init(
        id: UUID, action: String, resource: String, resourceID: String, actor: Actor, occurredAt: Timestamp,
        status: Status, severity: Severity, details: Data, correlationID: UUID?, causationID: UUID? = nil,
        traceparent: String? = nil, service: ServiceID
    ) {
        self.id = id
        self.action = action
        self.resource = resource
        self.resourceID = resourceID
        self.actor = actor
        self.occurredAt = occurredAt
        self.status = status
        self.severity = severity
        self.details = details
        self.correlationID = correlationID
        self.causationID = causationID
        self.traceparent = traceparent
        self.service = service
    }
}

/// An entry in its place in the log.
public struct LoggedEntry: Sendable, Hashable {
    public var entry: AuditEntry
    /// Counts all entries, from 1, without a gap.
    public var sequence: Int64
    /// When it came into the log.
    public var recordedAt: Timestamp
    /// Over the content and the hash of the entry before, see ``EntryChain``.
    public var hash: Data

    public init(_ entry: AuditEntry, sequence: Int64, recordedAt: Timestamp, hash: Data) {
        self.entry = entry
        self.sequence = sequence
        self.recordedAt = recordedAt
        self.hash = hash
    }
}
