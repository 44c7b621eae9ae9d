import Logging
import SagaChoreography
import Synchronization

/// What a source says of the system, read when somebody asks: at most so old, unless reading it takes long, and not waited for beyond a limit.
final class Reading<Value: Sendable>: Sendable {
    private struct State {
        var last: (value: Value, until: ContinuousClock.Instant)?
        var isUnderWay: Task<Value, any Error>?
        var isKnownToFail = false
        /// After a reading that took long and failed.
        var restsUntil: ContinuousClock.Instant?
    }

    /// After a reading that took long there is none for so many times as long: to look must not be what the system is busy with.
    private static var restFactor: Int { 20 }
    /// But never longer than this.
    private static var longestRest: Duration { .seconds(60) }

    private let source: String
    private let longestAge: Duration
    private let patience: Duration
    private let logger: Logger
    private let read: @Sendable () async throws -> Value
    private let state = Mutex(State())

    /// - Parameters:
    ///   - source: what is read, for the log.
    ///   - longestAge: how old a value may be that is given again, unless reading it takes long.
    ///   - patience: how long one call waits. The reading goes on, and the next call waits for the same one.
    init(
        of source: String, longestAge: Duration = .seconds(5), patience: Duration = .seconds(5), logger: Logger,
        _ read: @escaping @Sendable () async throws -> Value
    ) {
        self.source = source
        self.longestAge = longestAge
        self.patience = patience
        self.logger = logger
        self.read = read
    }

    /// `nil` if the source cannot be read, or not in time: an old value would look like a system that stands still.
    func value() async -> Value? {
        let next = state.withLock { state -> Task<Value, any Error>? in
            if let last = state.last, ContinuousClock.now < last.until { return nil }
            if let end = state.restsUntil, ContinuousClock.now < end { return nil }
            let task = state.isUnderWay ?? Task { [self] in try await readOnce() }
            state.isUnderWay = task
            return task
        }
        guard let next else { return state.withLock { $0.last?.value } }
        return try? await result(of: next, within: patience)?.get()
    }

    private static func rest(since begin: ContinuousClock.Instant) -> Duration {
        min((ContinuousClock.now - begin) * restFactor, longestRest)
    }

    private func readOnce() async throws -> Value {
        let begin = ContinuousClock.now
        do {
            let value = try await read()
            state.withLock { state in
                state.last = (value, .now + max(longestAge, Self.rest(since: begin)))
                state.restsUntil = nil
                state.isUnderWay = nil
                state.isKnownToFail = false
            }
            return value
        } catch {
            let isNews = state.withLock { state in
                defer { state.isKnownToFail = true }
                state.last = nil
                state.restsUntil = .now + Self.rest(since: begin)
                state.isUnderWay = nil
                return !state.isKnownToFail
            }
            // Asked every few seconds: once says it.
            if isNews {
                logger.warning(
                    "metrics cannot be read", metadata: [LogKey.source: "\(source)", LogKey.fault: "\(error)"])
            }
            throw error
        }
    }
}
