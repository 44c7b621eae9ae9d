import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// Moves what changes without an event have written (``AuditLog``) into the log: one transaction takes the rows away and appends the
/// entries, so each is in one of the two places, always.
public struct ChangeRecorder: Activity {
    public let name = "audit.change-recorder"
    /// Nothing: rows of the audit log announce themselves to nobody.
    public let wakesOn: Set<EventType> = []

    private static let limit = 500
    private let database: any SQLDatabase
    private let clock: any SagaClock
    private let policy: AuditPolicy
    private let hash: any ContentHash
    private let interval: Duration
    private let observer: any AuditObserver

    /// - Parameter interval: the pause between two looks.
    public init(
        on database: any SQLDatabase, clock: any SagaClock, policy: AuditPolicy, hash: any ContentHash,
        interval: Duration = .seconds(1), observer: any AuditObserver = NoAuditObserver()
    ) {
        self.observer = observer
        self.database = database
        self.clock = clock
        self.policy = policy
        self.hash = hash
        self.interval = interval
    }

    /// Moves the oldest rows.
    ///
    /// - Throws: ``SQLError``; nothing was moved then.
    public func poll() async throws -> Progress {
        try await observer.watching(.changes) {
            // Beside the writers, whom everybody waits for.
            let oldest = try await database.read { try AuditLog.oldest(in: $0) }
            observer.looked(.changes, oldest: oldest)
            let begin = clock.now()
            guard oldest != nil else { return .idle(wakeAt: begin + interval) }
            let count = try await database.write { [clock, policy, hash] transaction in
                let log = AuditLogStore(transaction, hash: hash, segmentLength: policy.segmentLength)
                let now = clock.now()
                // The head first, as everybody does.
                try log.lock(at: now)
                let records = try AuditLog.take(Self.limit, in: transaction)
                try log.append(records.map { Self.entry(of: $0, masked: policy.mask) }, at: now)
                return records.count
            }
            observer.recorded(.changes, entries: count, in: clock.now() - begin)
            return .worked
        }
    }

    /// Moves all rows.
    ///
    /// - Throws: as ``poll()``.
    public func flush() async throws {
        while try await poll() == .worked {}
    }

    private static func entry(of stored: AuditLog.Stored, masked mask: DetailsMask) -> AuditEntry {
        AuditEntry(
            id: stored.id, action: stored.action, resource: stored.resource, resourceID: stored.resourceID,
            actor: .init(
                userID: stored.actor, role: stored.origin.role, ipAddress: stored.origin.ipAddress,
                userAgent: stored.origin.userAgent), occurredAt: stored.occurredAt, status: stored.status,
            severity: stored.severity, details: mask.masked(stored.details), correlationID: stored.correlationID,
            service: stored.service)
    }
}
