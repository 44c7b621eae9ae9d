import FoundationEssentials
import SQLCore
import SagaChoreography

/// One parked message (dead letter), as operators see it.
public struct ParkedMessage: Sendable, Hashable {
    /// Its own id, see ``ParkedMessages/id(of:in:)``.
    public let id: UUID
    /// The group that could not handle it.
    public let consumer: ServiceID
    /// The event's id, the same in every group that parked it.
    public let eventID: UUID
    /// The event's wire name.
    public let type: EventType
    /// The saga (order) it belongs to, if any.
    public let subject: UUID?
    /// The event as it came: a CloudEvent in JSON, or its attributes with the raw data in base 64.
    public private(set) var envelope: String
    /// Deliveries that faulted since it was first delivered, or last replayed.
    public let attempts: Int
    /// Why no retry helps.
    public let kind: Kind
    /// The last fault, one line, without values of the payload.
    public let cause: String
    /// When it was given up.
    public let parkedAt: Timestamp

    /// The kinds of parked messages.
    public enum Kind: String, Sendable, CaseIterable {
        /// A required field is missing, malformed, or of an unknown version.
        case undecodable
        /// It came in a state in which a correct system never sends it.
        case alarm
        /// A reaction broke its own contract.
        case contract
        /// Retries ran out.
        case exhausted
    }

    static let columns: StaticString =
        "id, consumer, event_id, type, subject, envelope, attempts, kind, reason, parked_at"

    init(_ row: SQLRow) throws {
        id = try row.uuid("id")
        consumer = ServiceID(try row.text("consumer"))
        eventID = try row.uuid("event_id")
        type = EventType(try row.text("type"))
        subject = try row.optionalUUID("subject")
        envelope = try row.text("envelope")
        attempts = try row.int("attempts")
        kind = try row.value("kind", as: Kind.self)
        cause = try row.text("reason")
        parkedAt = Timestamp(milliseconds: try row.int64("parked_at"))
    }

    func with(envelope: String) -> ParkedMessage {
        var message = self
        message.envelope = envelope
        return message
    }

    /// The event, if its attributes can be read; its data may still be what no participant can read.
    ///
    /// - Throws: ``SagaFault`` `.permanent` (`undecodable`).
    public func opened() throws -> Envelope { try ParkedEnvelope.read(envelope) }
}

/// Which parked messages are meant: those to which everything fits that is given.
public struct ParkedFilter: Sendable, Hashable {
    /// The group that could not handle them.
    public var consumer: ServiceID?
    /// The event's wire name.
    public var type: EventType?
    /// Why no retry helps.
    public var kind: ParkedMessage.Kind?
    /// The last fault, exactly.
    public var cause: String?
    /// The saga (order) they belong to.
    public var subject: UUID?

    /// Everything; set what is to be looked for.
    public init() {}

    /// Whether nothing is given.
    public var isEverything: Bool { self == ParkedFilter() }
}

/// Parked messages with one and the same cause.
public struct ParkedGroup: Sendable, Hashable {
    /// The group that could not handle them.
    public let consumer: ServiceID
    /// The event's wire name.
    public let type: EventType
    /// Why no retry helps.
    public let kind: ParkedMessage.Kind
    /// The fault that they have in common.
    public let cause: String
    /// How many there are.
    public let count: Int64
    /// When the first of them was given up.
    public let oldest: Timestamp
    /// When the last of them was given up.
    public let newest: Timestamp
}
