import FoundationEssentials

/// Something that happened, in the past tense, as other services see it.
///
/// The wire name is `type` plus `version`; both are contracts. A new optional field keeps the version, anything else
/// raises it and adds a case to ``upcast(_:from:)``.
public protocol Event: Emission, Codable, Sendable {
    /// Wire name, for example `item.reserved`. Never reuse or rename one.
    static var type: EventType { get }

    /// Version of the data's schema, from 1.
    static var version: Int { get }

    /// An event that nobody in the system consumes on purpose: it is for observers outside.
    static var isTerminal: Bool { get }

    /// The saga instance this event belongs to (here: the order's id); `nil` if it belongs to none.
    var subject: UUID? { get }

    /// The event's data as JSON; by `Codable`, unless the event is ``DirectJSON``.
    ///
    /// - Throws: what the coder throws.
    func encoded() throws -> Data

    /// The event from data of this version; by `Codable`, unless the event is ``DirectJSON``.
    ///
    /// - Throws: `DecodingError`.
    static func decoded(from data: Data) throws -> Self

    /// Reads data of an older version, from 1 to the one before ``version``.
    ///
    /// - Throws: ``SagaFault`` `.permanent` if there is no way from `version` to the present one; `DecodingError` if the data is not
    ///   of that version.
    static func upcast(_ data: Data, from version: Int) throws -> Self
}

extension Event {
    /// The first version, unless the event says otherwise.
    public static var version: Int { 1 }
    /// Somebody in the system consumes it, unless the event says otherwise.
    public static var isTerminal: Bool { false }

    /// Refuses every older version, unless the event has an upcaster.
    public static func upcast(_ data: Data, from version: Int) throws -> Self {
        throw SagaFault.permanent(
            .undecodable, "\(Self.type) v\(version) cannot be read by v\(Self.version): no upcaster")
    }

    /// By `Codable`.
    public func encoded() throws -> Data {
        let encoder = JSONEncoder()
        // Sorted, so that the same event is the same text in every process.
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self)
    }

    /// By `Codable`.
    public static func decoded(from data: Data) throws -> Self { try JSONDecoder().decode(Self.self, from: data) }

    /// Every event type that can be carried.
    public static var eventTypes: [any Event.Type] { [Self.self] }
    /// The events carried, in order.
    public var events: [any Event] { [self] }
}

/// The wire name of an event, such as `payment.processed`.
public struct EventType: Hashable, Sendable, Comparable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name on the wire: dotted, lower case, at rest the `type` of a CloudEvent.
    public let name: String

    /// A name as it is written on the wire and in logs.
    public init(_ name: String) { self.name = name }
    public init(stringLiteral value: String) { self.name = value }

    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    public var description: String { name }
    public static func < (a: EventType, b: EventType) -> Bool { a.name < b.name }
}

extension Event where Self: DirectJSON {
    /// See ``DirectJSON``.
    public func encoded() throws -> Data { directJSON() }

    /// See ``DirectJSON``.
    public static func decoded(from data: Data) throws -> Self { try Self(json: data) }
}
