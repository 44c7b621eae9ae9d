import FoundationEssentials

/// An event on its way: CloudEvents 1.0 attributes, the tracing extensions, and the data still encoded.
///
/// Its contents never change and are shared by all copies: an envelope passes through many hands.
public struct Envelope: Sendable, Hashable {
    private struct Contents: Sendable, Hashable {
        let id: UUID
        let type: EventType
        let version: Int
        let source: ServiceID
        let subject: UUID?
        let time: Timestamp
        let correlationID: UUID?
        let causationID: UUID?
        let traceparent: String?
        let data: Data
        let carried: CarriedEvent
    }

    private final class Shared: Sendable {
        let contents: Contents
        init(_ contents: Contents) { self.contents = contents }
    }

    private let shared: Shared
    private var contents: Contents { shared.contents }

    /// Unique id of this occurrence, UUIDv7. The same event delivered twice has the same id.
    public var id: UUID { shared.contents.id }
    /// The event's wire name, which says how ``data`` is to be read.
    public var type: EventType { shared.contents.type }
    /// Schema version of `data`.
    public var version: Int { shared.contents.version }
    /// The service that emitted it.
    public var source: ServiceID { shared.contents.source }
    /// The saga instance (order), if it belongs to one.
    public var subject: UUID? { shared.contents.subject }
    /// When it was emitted: the time of the emitting transaction, by the emitting service's clock.
    public var time: Timestamp { shared.contents.time }
    /// The saga this event belongs to; for orders the order's id.
    public var correlationID: UUID? { shared.contents.correlationID }
    /// The event that led to this one; `nil` if a command or a worker began it.
    public var causationID: UUID? { shared.contents.causationID }
    /// W3C trace context, handed on unchanged.
    public var traceparent: String? { shared.contents.traceparent }
    /// The event's fields as a JSON object in UTF-8.
    public var data: Data { shared.contents.data }
    private var carried: CarriedEvent { shared.contents.carried }

    /// Takes what its properties say.
    public init(
        id: UUID, type: EventType, version: Int, source: ServiceID, subject: UUID?, time: Timestamp,
        correlationID: UUID?, causationID: UUID?, traceparent: String?, data: Data
    ) {
        self.init(
            id: id, type: type, version: version, source: source, subject: subject, time: time,
            correlationID: correlationID, causationID: causationID, traceparent: traceparent, data: data,
            carried: CarriedEvent(event: nil))
    }

    private init(
        id: UUID, type: EventType, version: Int, source: ServiceID, subject: UUID?, time: Timestamp,
        correlationID: UUID?, causationID: UUID?, traceparent: String?, data: Data, carried: CarriedEvent
    ) {
        shared = Shared(
            Contents(
                id: id, type: type, version: version, source: source, subject: subject, time: time,
                correlationID: correlationID, causationID: causationID, traceparent: traceparent, data: data,
                carried: carried))
    }

    public static func == (a: Envelope, b: Envelope) -> Bool { a.shared === b.shared || a.contents == b.contents }
    public func hash(into hasher: inout Hasher) { hasher.combine(shared.contents) }
}

/// The event that an envelope was sealed from, for as long as both stay in this process: it need not be read from its data
/// again. It is no part of what the envelope says, so two envelopes are equal with it or without.
private struct CarriedEvent: Sendable, Hashable {
    let event: (any Event)?

    static func == (a: CarriedEvent, b: CarriedEvent) -> Bool { true }
    func hash(into hasher: inout Hasher) {}
}

extension Envelope {
    /// Decodes the data as `E`, through its upcaster when it was written by an older version.
    ///
    /// - Throws: ``SagaFault`` `.permanent` (`undecodable`) if a required field is missing or of the wrong type: such a
    ///   message is parked, never filled with defaults. So is one of a version newer than this program: nobody but a newer one can
    ///   read it.
    public func decode<E: Event>(_: E.Type) throws -> E {
        guard type == E.type else {
            throw SagaFault.permanent(.undecodable, "expected \(E.type), found \(type)")
        }
        if let event = carried.event as? E { return event }
        guard version <= E.version else {
            throw SagaFault.permanent(
                .undecodable, "\(type) v\(version) was written by a newer program; this one reads up to v\(E.version)")
        }
        do {
            return version == E.version ? try E.decoded(from: data) : try E.upcast(data, from: version)
        } catch let error as DecodingError {
            throw SagaFault.permanent(.undecodable, "\(type) v\(version): \(error.place)")
        }
    }

    /// Encodes `event` as a new occurrence.
    ///
    /// - Throws: ``SagaFault`` `.permanent` if the event cannot be encoded, which is a mistake in its definition.
    public static func seal(
        _ event: any Event, id: UUID, source: ServiceID, time: Timestamp, correlationID: UUID? = nil,
        causationID: UUID? = nil, traceparent: String? = nil
    ) throws -> Envelope {
        let data: Data
        do {
            data = try event.encoded()
        } catch {
            throw SagaFault.permanent(.undecodable, "\(Swift.type(of: event).type) cannot be encoded: \(error)")
        }
        let kind = Swift.type(of: event)
        return Envelope(
            id: id, type: kind.type, version: kind.version, source: source, subject: event.subject, time: time,
            correlationID: event.subject ?? correlationID, causationID: causationID, traceparent: traceparent,
            data: data, carried: CarriedEvent(event: event))
    }
}

extension DecodingError {
    /// Where and why decoding failed, without any value of the payload (it may hold personal data).
    var place: String {
        func path(_ context: Context) -> String { context.codingPath.map(\.stringValue).joined(separator: ".") }
        switch self {
        case .keyNotFound(let key, let context):
            return "required field '\(key.stringValue)' is missing at '\(path(context))'"
        case .typeMismatch(let type, let context): return "'\(path(context))' is not a \(type)"
        case .valueNotFound(let type, let context): return "'\(path(context))' is null, a \(type) is required"
        case .dataCorrupted(let context): return "'\(path(context))' is corrupt"
        @unknown default: return "the data cannot be read"
        }
    }
}
