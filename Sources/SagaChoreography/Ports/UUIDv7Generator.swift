import FoundationEssentials
import Synchronization

/// UUIDs of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, then 12 bits of a counter that keeps the ids of one
/// millisecond in order (6.2, method 1), then 62 random bits.
///
/// Ids that grow with time put neighbours on the same pages of an index; random ones halve SQLite's speed.
public final class UUIDv7Generator: IDGenerator {
    private let clock: any SagaClock
    private let random: any RandomSource
    private typealias Place = (milliseconds: UInt64, counter: UInt64)
    private let last = Mutex<Place>((0, 0))

    /// Ids that follow `clock`, with random bits from `random`: with a seed and a still clock the same ids in every run.
    public init(clock: any SagaClock, random: any RandomSource) {
        self.clock = clock
        self.random = random
    }

    /// The next id; later ones sort behind earlier ones.
    public func next() -> UUID {
        let now = clock.now()
        return Self.id(last.withLock { Self.advance(&$0, now) }, random.next())
    }

    /// The next ids, each behind the one before.
    public func next(_ count: Int) -> [UUID] {
        guard count > 0 else { return [] }
        let now = clock.now()
        let places = last.withLock { last in (0..<count).map { _ in Self.advance(&last, now) } }
        return zip(places, random.next(count)).map(Self.id)
    }

    private static func advance(_ last: inout Place, _ now: Timestamp) -> Place {
        let now = UInt64(max(0, now.milliseconds))
        if now > last.milliseconds {
            last = (now, 0)
        } else if last.counter < 0xFFF {
            last.counter += 1
        } else {
            // More ids in a millisecond than the counter holds, or the clock went back: borrow from the future.
            last = (last.milliseconds + 1, 0)
        }
        return last
    }

    private static func id(_ place: Place, _ random: UInt64) -> UUID {
        let high = (place.milliseconds << 16) | 0x7000 | place.counter
        let low = (random & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
