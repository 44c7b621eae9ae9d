import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import Synchronization
import Users

/// Tokens that are refused before their time: those that were logged out, and those of users whose password, roles or
/// activity changed since.
///
/// Kept in memory, because it is asked for every request. What this process does is known at once; what another one does, after
/// ``RevocationRefresher/interval``. Bounded by what happened within one token's lifetime.
public final class Revocations: Sendable {
    private struct Known {
        /// With the time at which each ends by itself.
        var tokens: [UUID: Timestamp] = [:]
        /// With the time from which on no token of an earlier epoch is valid any more.
        var epochs: [UserID: (epoch: Int64, until: Timestamp)] = [:]
    }

    private let known = Mutex(Known())

    /// Nothing is revoked.
    public init() {}

    func refuse(_ token: VerifiedToken) -> Bool {
        known.withLock { known in
            if let id = token.id, known.tokens[id] != nil { return true }
            return token.epoch < known.epochs[token.identity.userID]?.epoch ?? 0
        }
    }

    /// Reads what is in force.
    ///
    /// - Parameter lifetime: of a token; what is older concerns none that is still valid.
    /// - Throws: the database's error.
    public func refresh(from database: any SQLDatabase, at now: Timestamp, lifetime: Duration) async throws {
        let (tokens, epochs) = try await database.read { transaction in
            let queries = AccessQueries(transaction)
            return (
                try queries.revokedTokens(at: now),
                try queries.epochs(raisedSince: now + (Duration.zero - lifetime - .seconds(60)))
            )
        }
        // Merged, not replaced: this process may have noted something between the reading and now.
        known.withLock { known in
            known.tokens.merge(tokens) { max($0, $1) }
            known.tokens = known.tokens.filter { $0.value >= now }
            known.epochs = known.epochs.filter { $0.value.until >= now }
        }
        for (user, epoch) in epochs { note(user, epoch: epoch, until: now + lifetime + .seconds(60)) }
    }

    /// Takes effect at once in this process.
    ///
    /// - Parameter end: when the token ends by itself.
    func note(token: UUID, endingAt end: Timestamp) { known.withLock { $0.tokens[token] = end } }

    /// Takes effect at once in this process.
    ///
    /// - Parameter end: when every token of an earlier epoch has ended by itself.
    func note(_ user: UserID, epoch: Int64, until end: Timestamp) {
        known.withLock { $0.epochs[user] = (max($0.epochs[user]?.epoch ?? 0, epoch), end) }
    }
}

/// Reads again and again which tokens are revoked, for what other processes and the command line change.
public struct RevocationRefresher: Activity {
    public let name = "api.revocation-refresher"
    public let wakesOn: Set<EventType> = []
    /// How long a token may be believed after another process revoked it.
    public static let interval = Duration.seconds(2)

    private let revocations: Revocations
    private let database: any SQLDatabase
    private let clock: any SagaClock
    private let lifetime: Duration

    /// - Parameter lifetime: of a token.
    public init(
        _ revocations: Revocations, database: any SQLDatabase, clock: any SagaClock, lifetime: Duration
    ) {
        self.revocations = revocations
        self.database = database
        self.clock = clock
        self.lifetime = lifetime
    }

    public func poll() async throws -> Progress {
        try await revocations.refresh(from: database, at: clock.now(), lifetime: lifetime)
        return .idle(wakeAt: clock.now() + Self.interval)
    }
}
