import FoundationEssentials

/// Where the engine reads the time. Nothing in the engine or a service reads any other clock.
public protocol SagaClock: Sendable {
    func now() -> Timestamp
}

/// Where new ids come from. Live ids are UUIDv7, so that they sort by time.
public protocol IDGenerator: Sendable {
    func next() -> UUID

    /// The next ones, in order.
    func next(_ count: Int) -> [UUID]
}

extension IDGenerator {
    /// One after another.
    public func next(_ count: Int) -> [UUID] { (0..<count).map { _ in next() } }
}

/// Where chance comes from: jitter and whatever else must differ between runs, or be the same for one seed.
public protocol RandomSource: Sendable {
    /// 64 evenly distributed bits.
    func next() -> UInt64

    /// So many times 64 of them.
    func next(_ count: Int) -> [UInt64]
}

extension RandomSource {
    /// One after another.
    public func next(_ count: Int) -> [UInt64] { (0..<count).map { _ in next() } }
}
