/// What a reaction or command may emit, as a type: the choreography graph is derived from it.
///
/// An ``Event`` is an emission of itself; ``Both``, ``Either``, arrays and optionals combine them; `Never` emits
/// nothing and says so in the signature.
public protocol Emission: Sendable {
    /// Every event type that a value of this type can carry.
    static var eventTypes: [any Event.Type] { get }

    /// The events of this value, in the order in which they are to be written.
    var events: [any Event] { get }
}

/// Two emissions at once.
public struct Both<First: Emission, Second: Emission>: Emission {
    /// Written before ``second``.
    public let first: First
    /// Written after ``first``.
    public let second: Second

    /// Both emissions, in the order in which they are to be written.
    public init(_ first: First, _ second: Second) {
        self.first = first
        self.second = second
    }

    /// Every event type that can be carried.
    public static var eventTypes: [any Event.Type] { First.eventTypes + Second.eventTypes }
    /// The events carried, in order.
    public var events: [any Event] { first.events + second.events }
}

/// One of two emissions.
public enum Either<First: Emission, Second: Emission>: Emission {
    case first(First)
    case second(Second)

    /// Every event type that can be carried.
    public static var eventTypes: [any Event.Type] { First.eventTypes + Second.eventTypes }

    /// The events carried, in order.
    public var events: [any Event] {
        switch self {
        case .first(let emission): emission.events
        case .second(let emission): emission.events
        }
    }
}

/// No event at all, for an outcome that exists but tells nobody.
public struct Silence: Emission {
    /// A value without content.
    public init() {}
    /// Every event type that can be carried.
    public static var eventTypes: [any Event.Type] { [] }
    /// The events carried, in order.
    public var events: [any Event] { [] }
}

extension Never: Emission {
    /// Every event type that can be carried.
    public static var eventTypes: [any Event.Type] { [] }
    /// The events carried, in order.
    public var events: [any Event] { [] }
}

extension Array: Emission where Element: Emission {
    /// Every event type that can be carried.
    public static var eventTypes: [any Event.Type] { Element.eventTypes }
    /// The events carried, in order.
    public var events: [any Event] { flatMap(\.events) }
}

extension Optional: Emission where Wrapped: Emission {
    /// Every event type that can be carried.
    public static var eventTypes: [any Event.Type] { Wrapped.eventTypes }
    /// The events carried, in order.
    public var events: [any Event] { self?.events ?? [] }
}
