import SagaChoreography
import Synchronization

/// A value that is costly to read and may be a little old.
final class Remembered<Value: Sendable>: Sendable {
    private let age: Duration
    private let clock: any SagaClock
    private let last = Mutex<(value: Value, at: Timestamp)?>(nil)

    /// - Parameter age: how old a value may be that is given again.
    init(for age: Duration, clock: any SagaClock) {
        self.age = age
        self.clock = clock
    }

    /// The remembered value, or what is read now. Two at once may both read: nobody waits for the other.
    func value(_ read: () async throws -> Value) async throws -> Value {
        let now = clock.now()
        if let known = last.withLock({ last in last.flatMap { now - $0.at < age && now >= $0.at ? $0.value : nil } }) {
            return known
        }
        let value = try await read()
        last.withLock { $0 = (value, now) }
        return value
    }
}
