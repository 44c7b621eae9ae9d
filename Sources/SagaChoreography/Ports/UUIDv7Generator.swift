import FoundationEssentials
import Synchronization

/// UUIDs of version 7 (RFC 9562, 5.7): 48 bits of milliseconds, then 12 bits of a counter that keeps the ids of one
/// millisecond in order (6.2, method 1), then 62 random bits.
///
/// Ids that grow with time put neighbours on the same pages of an index; random ones halve SQLite's speed.
public final class UUIDv7Generator: IDGenerator {
    private let clock: any SagaClock
    private let random: any RandomSource
    private let last = Mutex<(milliseconds: UInt64, counter: UInt64)>((0, 0))

    /// Ids that follow `clock`, with random bits from `random`: with a seed and a still clock the same ids in every run.
    public init(clock: any SagaClock, random: any RandomSource) {
        self.clock = clock
        self.random = random
    }

    /// The next id; later ones sort behind earlier ones.
    public func next() -> UUID {
        let now = UInt64(max(0, clock.now().milliseconds))
        let (milliseconds, counter) = last.withLock { last in
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
        let high = (milliseconds << 16) | 0x7000 | counter
        let low = (random.next() & 0x3FFF_FFFF_FFFF_FFFF) | 0x8000_0000_0000_0000
        return withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { UUID(uuid: $0.loadUnaligned(as: uuid_t.self)) }
    }
}
