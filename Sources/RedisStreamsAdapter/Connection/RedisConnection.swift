import CRedis
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// One connection to Redis, for one thread at a time: blocking, with time-outs, logged in. After an error it is of no use.
final class RedisConnection {
    private let context: UnsafeMutablePointer<redisContext>
    private let endpoint: RedisEndpoint
    private var readTimeout: Duration
    /// Names the life of the server at the other end: no connection outlives it.
    private(set) var runID = ""

    /// Connects and logs in.
    ///
    /// - Throws: ``RedisAdapterError``.
    init(_ endpoint: RedisEndpoint, connectTimeout: Duration, commandTimeout: Duration) throws {
        BrokenPipes.ignore
        self.endpoint = endpoint
        readTimeout = connectTimeout
        guard let context = redisConnectWithTimeout(endpoint.host, Int32(endpoint.port), timeval(connectTimeout)) else {
            throw RedisAdapterError(.unreachable, "Redis at \(endpoint.address): out of memory")
        }
        self.context = context
        guard context.pointee.err == 0 else { throw failure() }
        redisEnableKeepAlive(context)
        redisSetTimeout(context, timeval(connectTimeout))
        try logIn()
        limitReads(to: commandTimeout)
    }

    deinit { redisFree(context) }

    /// For `shutdown` from another thread, which ends a blocked read at once.
    var descriptor: Int32 { context.pointee.fd }

    /// How long an answer may take from now on.
    func limitReads(to timeout: Duration) {
        readTimeout = timeout
        redisSetTimeout(context, timeval(timeout))
    }

    /// Queues a command; it is sent with the first ``reply(_:)`` after it.
    func send(_ command: RedisCommand) {
        for part in [command.header, command.body] {
            part.withUnsafeBytes { bytes in
                _ = redisAppendFormattedCommand(
                    context, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
            }
        }
    }

    /// Reads the next answer.
    ///
    /// - Throws: ``RedisAdapterError`` `.unreachable`; what `read` throws. An error that Redis answers is not thrown.
    func reply<Result>(_ read: (ReplyView) throws -> Result) throws -> Result {
        var raw: UnsafeMutableRawPointer?
        guard redisGetReply(context, &raw) == REDIS_OK, let raw else { throw failure() }
        defer { freeReplyObject(raw) }
        return try read(ReplyView(raw.assumingMemoryBound(to: redisReply.self)))
    }

    /// Sends commands in one go and reads their answers.
    ///
    /// - Throws: ``RedisAdapterError`` `.unreachable`. Errors that Redis answers are among the answers.
    func run(_ commands: [RedisCommand]) throws -> [RedisReply] {
        for command in commands { send(command) }
        return try commands.map { _ in try reply(RedisReply.init) }
    }

    private func logIn() throws {
        var commands: [RedisCommand] = []
        if let password = endpoint.password {
            commands.append(
                endpoint.user.map { RedisCommand("AUTH", $0, password) } ?? RedisCommand("AUTH", password))
        }
        if endpoint.database != 0 { commands.append(RedisCommand("SELECT", String(endpoint.database))) }
        commands.append(RedisCommand("INFO", "server"))
        let replies = try run(commands)
        if let error = replies.lazy.compactMap(\.error).first {
            // A full house passes by waiting, unlike a wrong password.
            let code: RedisAdapterError.Code = error.contains("max number of clients") ? .unreachable : .refused
            throw RedisAdapterError(
                code, "Redis at \(endpoint.address) refuses the connection: \(error.prefix(200))")
        }
        let info = ServerInfo(replies.last?.text ?? "")
        guard let runID = info["run_id"] else {
            throw RedisAdapterError(.failed, "Redis at \(endpoint.address) does not tell its run_id (INFO server)")
        }
        if let version = info["redis_version"], ServerInfo.isOlder(version, than: [6, 2]) {
            throw RedisAdapterError(
                .misconfigured, "Redis at \(endpoint.address) is version \(version); 6.2 or newer is needed")
        }
        self.runID = runID
    }

    private func failure() -> RedisAdapterError {
        let code = errno
        let error = context.pointee
        var cause = withUnsafeBytes(of: error.errstr) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if error.err == REDIS_ERR_IO, code == EAGAIN || code == EWOULDBLOCK {
            cause = "no answer within \(readTimeout)"
        }
        return RedisAdapterError(.unreachable, "Redis at \(endpoint.address): \(cause)")
    }
}

private func timeval(_ duration: Duration) -> timeval {
    let (seconds, attoseconds) = duration.components
    // Zero would mean no limit.
    let microseconds = max(attoseconds / 1_000_000_000_000, seconds == 0 ? 1000 : 0)
    return Foundation.timeval(tv_sec: .init(seconds), tv_usec: .init(microseconds))
}

/// Writing to a connection that the other end has closed raises SIGPIPE (hiredis takes no precaution), which would end the
/// process.
private enum BrokenPipes {
    /// Ignored from the first use on, unless the process handles the signal itself.
    static let ignore: Void = {
        let previous = signal(SIGPIPE, SIG_IGN)
        // Beyond "default" (0) and "ignore" (1) are the addresses of handlers.
        if let previous, unsafeBitCast(previous, to: Int.self) > 1 { signal(SIGPIPE, previous) }
    }()
}
