/// The name of a service: `orders`, `items`, … It is also the name of its consumer group.
public struct ServiceID: Hashable, Sendable, Comparable, Codable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// The name as it is stored and logged.
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
    public static func < (a: ServiceID, b: ServiceID) -> Bool { a.name < b.name }
}

/// The name of a reaction or command, `service.verb-object`. It is the inbox key: never rename one.
public struct ReactionID: Hashable, Sendable, Comparable, ExpressibleByStringInterpolation, CustomStringConvertible {
    /// The name as it is stored and logged.
    public let name: String

    /// A name as it is written on the wire and in logs.
    public init(_ name: String) { self.name = name }
    public init(stringLiteral value: String) { self.name = value }

    public var description: String { name }
    public static func < (a: ReactionID, b: ReactionID) -> Bool { a.name < b.name }
}
