import Dispatch
import Synchronization

/// One connection for the commands of the whole process: calls that come together share a round trip, so each waits for one
/// pipeline before its own at most. It is made on demand, and made anew after it broke; while Redis is away calls fail at once.
final class RedisCommands: Sendable {
    /// The answers to one call's commands.
    struct Answer: Sendable {
        let replies: [RedisReply]
        /// The life of the server that answered: all of one answer is from one life.
        let runID: String
    }

    private struct Job {
        let commands: [RedisCommand]
        let answer: @Sendable (Result<Answer, any Error>) -> Void
    }

    private struct Jobs {
        var waiting: [Job] = []
        var isDraining = false
        var isClosed = false
    }

    /// What only ``queue`` touches.
    ///
    /// `@unchecked Sendable`: used by the blocks of one serial queue alone.
    private final class Line: @unchecked Sendable {
        var connection: RedisConnection?
        var reconnecting = Reconnecting()
        var failure: (error: RedisAdapterError, retryAt: ContinuousClock.Instant)?
    }

    /// Bounds how long a call waits for others' answers.
    private static let longestPipeline = 64

    let endpoint: RedisEndpoint
    private let options: RedisStreamsOptions
    /// Blocking calls run here, never on the threads that tasks share.
    private let queue = DispatchQueue(label: "redis.commands")
    private let line = Line()
    private let jobs = Mutex(Jobs())

    init(_ endpoint: RedisEndpoint, _ options: RedisStreamsOptions) {
        self.endpoint = endpoint
        self.options = options
    }

    /// Sends commands in one go.
    ///
    /// - Throws: ``RedisAdapterError`` when there is no connection, or not all answers came: any of the commands may have taken
    ///   effect then. Errors that Redis answers are among the replies.
    func run(_ commands: [RedisCommand]) async throws -> Answer {
        try await withCheckedThrowingContinuation { continuation in
            run(commands) { continuation.resume(with: $0) }
        }
    }

    /// As ``run(_:)``, where no task waits.
    ///
    /// - Parameter answer: called once, on the thread that all calls share: it must be quick.
    func run(_ commands: [RedisCommand], answer: @escaping @Sendable (Result<Answer, any Error>) -> Void) {
        let begins = jobs.withLock { jobs -> Bool? in
            guard !jobs.isClosed else { return nil }
            jobs.waiting.append(Job(commands: commands, answer: answer))
            guard !jobs.isDraining else { return false }
            jobs.isDraining = true
            return true
        }
        switch begins {
        case true?: queue.async { self.drain() }
        case false?: break
        case nil:
            answer(
                .failure(
                    RedisAdapterError(.unreachable, "Redis at \(endpoint.address): the connection was closed")))
        }
    }

    /// Refuses further calls and ends the connection after those that wait.
    func close() async {
        jobs.withLock { $0.isClosed = true }
        await withCheckedContinuation { continuation in
            queue.async {
                self.line.connection = nil
                continuation.resume()
            }
        }
    }

    private func drain() {
        while let group = next() { exchange(group) }
    }

    private func next() -> [Job]? {
        jobs.withLock { jobs in
            guard !jobs.waiting.isEmpty else {
                jobs.isDraining = false
                return nil
            }
            let group = Array(jobs.waiting.prefix(Self.longestPipeline))
            jobs.waiting.removeFirst(group.count)
            return group
        }
    }

    private func exchange(_ group: [Job]) {
        var answered = 0
        do {
            let connection = try connected()
            for job in group {
                for command in job.commands { connection.send(command) }
            }
            for job in group {
                let replies = try job.commands.map { _ in try connection.reply(RedisReply.init) }
                answered += 1
                job.answer(.success(Answer(replies: replies, runID: connection.runID)))
            }
        } catch {
            line.connection = nil
            for job in group[answered...] { job.answer(.failure(error)) }
        }
    }

    private func connected() throws -> RedisConnection {
        if let connection = line.connection { return connection }
        if let failure = line.failure, ContinuousClock.now < failure.retryAt { throw failure.error }
        do {
            let connection = try RedisConnection(
                endpoint, connectTimeout: options.connectTimeout, commandTimeout: options.commandTimeout)
            line.connection = connection
            line.reconnecting.succeeded()
            line.failure = nil
            return connection
        } catch let error as RedisAdapterError {
            line.failure = (error, ContinuousClock.now + line.reconnecting.pause())
            throw error
        }
    }
}

extension RedisCommands {
    /// Sends commands of which none may be answered by an error.
    ///
    /// - Throws: ``RedisAdapterError``.
    func runAll(_ commands: [RedisCommand]) async throws -> Answer {
        let answer = try await run(commands)
        if let error = refusal(in: answer) { throw error }
        return answer
    }

    /// The first error that Redis answered.
    func refusal(in answer: Answer) -> RedisAdapterError? {
        answer.replies.lazy.compactMap(\.error).first.map(failed)
    }

    /// An error that Redis answered.
    func failed(_ error: String) -> RedisAdapterError { .answered(error, by: endpoint) }
}

extension RedisAdapterError {
    /// An error that Redis answered.
    static func answered(_ error: String, by endpoint: RedisEndpoint) -> RedisAdapterError {
        RedisAdapterError(.failed, "Redis at \(endpoint.address) answers: \(error.prefix(200))")
    }
}
