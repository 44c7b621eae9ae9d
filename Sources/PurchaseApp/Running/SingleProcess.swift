import Logging
import PostgresAdapter
import SQLCore
import ServiceLifecycle

/// With the bus inside the process one process does everything: a second one on the same PostgreSQL database would handle the same
/// events. Whoever has the database's lock is the one; who loses it to another ends.
struct SingleProcess: Service {
    private let lock: PostgresSessionLock
    private let name: String
    private let logger: Logger

    /// How often it makes sure.
    private static let interval = Duration.seconds(2)
    /// Any number that nobody else uses.
    private static let key: Int64 = 0x7075_7263_6861_7366

    /// `nil` if several processes may run, or a file's own lock sees to it.
    init?(_ configuration: PurchaseConfiguration, logger: Logger) {
        guard case .postgres(let endpoint, _) = configuration.database, case .embedded = configuration.bus else {
            return nil
        }
        lock = PostgresSessionLock(endpoint, key: Self.key)
        name = configuration.database.name
        self.logger = logger
    }

    /// Becomes the one.
    ///
    /// - Throws: ``SQLError`` `.locked` if another process is, `.unavailable` if the database cannot be asked.
    func begin() async throws {
        do { try await lock.hold() } catch let error as SQLError where error.code == .locked {
            throw SQLError(
                .locked,
                "another process serves '\(name)' with EVENT_BUS=embedded, and only one may; end it, or take EVENT_BUS=redis for "
                    + "several")
        }
    }

    /// Makes sure again and again, until the shutdown.
    ///
    /// - Throws: ``SQLError`` `.locked` once another process is the one.
    func run() async throws {
        _ = try await cancelWhenGracefulShutdown { try await watch() }
        await lock.release()
    }

    private func watch() async throws {
        var isAway = false
        while !Task.isCancelled {
            do { try await Task.sleep(for: Self.interval) } catch { return }  // cancelled: the shutdown
            do {
                try await begin()
                if isAway { logger.notice("this process has the lock of the database again") }
                isAway = false
            } catch let error as SQLError where error.code == .locked {
                throw error
            } catch {
                // Nobody can use a database that is away.
                if !isAway {
                    logger.warning(
                        "the lock of the database is lost, taking it again", metadata: [LogKey.fault: "\(error)"])
                }
                isAway = true
            }
        }
    }
}
