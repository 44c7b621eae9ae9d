import Foundation
import SagaChoreography
import Synchronization

/// The machine's wall clock.
public struct SystemClock: SagaClock {
    public init() {}

    public func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(milliseconds: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// The operating system's random numbers, fetched some at a time: each call of the system costs more than the numbers.
public struct SystemRandom: RandomSource {
    private final class Store: Sendable {
        /// Those from `next` on were given to nobody.
        let numbers = Mutex<(all: [UInt64], next: Int)>(([], 0))
    }

    /// 256 bytes are the most that one call gives (getentropy(3)).
    private static let page = 32

    private let store = Store()

    public init() {}

    public func next() -> UInt64 { store.numbers.withLock { Self.take(from: &$0) } }

    public func next(_ count: Int) -> [UInt64] {
        store.numbers.withLock { numbers in (0..<count).map { _ in Self.take(from: &numbers) } }
    }

    private static func take(from numbers: inout (all: [UInt64], next: Int)) -> UInt64 {
        if numbers.next == numbers.all.count {
            if numbers.all.isEmpty { numbers.all = [UInt64](repeating: 0, count: page) }
            numbers.next = 0
            guard numbers.all.withUnsafeMutableBytes({ getentropy($0.baseAddress, $0.count) }) == 0 else {
                numbers.next = numbers.all.count
                var generator = SystemRandomNumberGenerator()
                return generator.next()
            }
        }
        defer { numbers.next += 1 }
        // Nobody gets a number that somebody has had, whatever goes wrong.
        defer { numbers.all[numbers.next] = 0 }
        return numbers.all[numbers.next]
    }
}
