import SagaChoreography
import Synchronization

/// A value that is costly to read and may be a little old. Whoever asks while it is read gets the same reading.
final class Remembered<Value: Sendable>: Sendable {
    private struct State {
        var last: (value: Value, at: Timestamp)?
        var reading: Task<Value, any Error>?
    }

    private let age: Duration
    private let clock: any SagaClock
    private let state = Mutex(State())

    /// - Parameter age: how old a value may be that is given again.
    init(for age: Duration, clock: any SagaClock) {
        self.age = age
        self.clock = clock
    }

    /// The remembered value, or what is read now.
    ///
    /// - Throws: what the reading throws, which is not remembered.
    func value(_ read: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let now = clock.now()
        let answer = state.withLock { state -> Answer in
            if let last = state.last, now - last.at < age, now >= last.at { return .known(last.value) }
            let reading = state.reading ?? Task { try await self.remember(at: now, read) }
            state.reading = reading
            return .reading(reading)
        }
        switch answer {
        case .known(let value): return value
        case .reading(let reading): return try await reading.value
        }
    }

    private enum Answer {
        case known(Value)
        case reading(Task<Value, any Error>)
    }

    private func remember(at now: Timestamp, _ read: () async throws -> Value) async throws -> Value {
        do {
            let value = try await read()
            state.withLock { $0 = State(last: (value, now), reading: nil) }
            return value
        } catch {
            state.withLock { $0.reading = nil }
            throw error
        }
    }
}
