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
        let numbers = Mutex<[UInt64]>([])
    }

    private let store = Store()

    public init() {}

    public func next() -> UInt64 {
        store.numbers.withLock { numbers in
            if let number = numbers.popLast() { return number }
            // 256 bytes are the most that one call gives (getentropy(3)).
            var fresh = [UInt64](repeating: 0, count: 32)
            guard fresh.withUnsafeMutableBytes({ getentropy($0.baseAddress, $0.count) }) == 0,
                let number = fresh.popLast()
            else {
                var generator = SystemRandomNumberGenerator()
                return generator.next()
            }
            numbers = fresh
            return number
        }
    }
}
