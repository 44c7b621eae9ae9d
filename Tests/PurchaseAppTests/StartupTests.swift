import Logging
import SQLCore
import Synchronization
import Testing

@testable import PurchaseApp
@testable import RedisStreamsAdapter

@Suite struct `Waiting for the database at the start` {
    /// A database that is away so often, and time that passes only in pauses.
    private final class Away: Sendable {
        let state = Mutex((failures: 0, opened: 0, pauses: [Duration](), now: ContinuousClock.now))
        let error: SQLError

        init(failures: Int, _ error: SQLError) {
            self.error = error
            state.withLock { $0.failures = failures }
        }

        func patience(_ limit: Duration) -> StartupPatience {
            StartupPatience(
                limit: limit, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                pause: { duration in
                    self.state.withLock {
                        $0.pauses.append(duration)
                        $0.now += duration
                    }
                },
                now: { self.state.withLock { $0.now } })
        }

        func open() throws -> Int {
            try state.withLock { state in
                state.opened += 1
                guard state.opened > state.failures else { throw error }
                return state.opened
            }
        }
    }

    private static let refused = SQLError(.unavailable, "connection to server failed: Connection refused")

    @Test func `goes on until it is there, longer each time`() async throws {
        let away = Away(failures: 7, Self.refused)
        let opened = try await away.patience(.seconds(60)).wait { try away.open() }
        #expect(opened == 8)
        #expect(
            away.state.withLock { $0.pauses }
                == [
                    .milliseconds(250), .milliseconds(500), .seconds(1), .seconds(2), .seconds(4), .seconds(5),
                    .seconds(5),
                ])
    }

    @Test func `ends with the reason and how long it waited`() async throws {
        let away = Away(failures: .max, Self.refused)
        let error = await #expect(throws: SQLError.self) {
            try await away.patience(.seconds(3)).wait { try away.open() }
        }
        #expect(
            error?.detail
                == "connection to server failed: Connection refused; waited 3 s for it (STARTUP_PATIENCE)")
        #expect(away.state.withLock { $0.pauses.reduce(.zero, +) } == .seconds(3))
    }

    @Test(arguments: [
        SQLError(.unavailable, "FATAL: password authentication failed for user \"a\""), SQLError(.migration, "newer"),
    ])
    func `does not wait for what does not pass`(error: SQLError) async {
        let away = Away(failures: .max, error)
        await #expect(throws: error) { try await away.patience(.seconds(60)).wait { try away.open() } }
        #expect(away.state.withLock { $0.opened } == 1)
    }

    @Test func `without patience ends at once`() async {
        let away = Away(failures: .max, Self.refused)
        await #expect(throws: Self.refused) { try await away.patience(.zero).wait { try away.open() } }
    }
}

@Suite struct `The reason why a dependency cannot be used` {
    @Test(arguments: [
        (
            SQLError(
                .unavailable,
                "PostgreSQL at shop@10.0.0.7:5432/purchase: connection to server at \"10.0.0.7\" failed: Connection refused"
            ),
            "cannot be reached"
        ),
        (
            SQLError(.unavailable, "PostgreSQL at a@b: FATAL:  password authentication failed for user \"shop\""),
            "refuses the login"
        ),
        (SQLError(.unavailable, "FATAL:  the database system is starting up"), "is starting"),
        (SQLError(.unavailable, "FATAL:  sorry, too many clients already"), "has no connection free"),
        (
            SQLError(.unavailable, "none of 4 connections to a@b became free within 10.0 seconds"),
            "every connection of this process is in use"
        ), (SQLError(.corrupt, "XX001: bad page"), "cannot be used (corrupt)"),
    ])
    func `names neither address nor user`(error: SQLError, expected: String) {
        #expect(ReadinessCheck.reason(error) == expected)
    }

    @Test func `says what to change where Redis would forget events`() {
        let error = RedisAdapterError(
            .misconfigured, "Redis at 10.0.0.8:6379 deletes streams (maxmemory-policy allkeys-lru)")
        #expect(ReadinessCheck.reason(error).contains("noeviction"))
        #expect(!ReadinessCheck.reason(error).contains("10.0.0.8"))
    }
}
