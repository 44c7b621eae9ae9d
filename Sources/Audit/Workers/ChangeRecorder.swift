import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// Moves what changes without an event have written (``AuditLog``) into the log. Where both are in one database, one transaction takes
/// the rows away and appends the entries, so each is in one of the two places, always. Where a service has a database of its own, rows
/// are appended first and taken away then: whatever fails in between leaves a row in both places, and what comes a second time is
/// recognised by its id.
public struct ChangeRecorder: Activity {
    public let name = "audit.change-recorder"
    /// Nothing: rows of the audit log announce themselves to nobody.
    public let wakesOn: Set<EventType> = []

    private static let limit = 500
    private let database: any SQLDatabase
    private let source: (any SQLDatabase)?
    private let clock: any SagaClock
    private let policy: AuditPolicy
    private let hash: any ContentHash
    private let interval: Duration
    private let observer: any AuditObserver

    /// - Parameters:
    ///   - source: where services write; `nil`: in the log's database.
    ///   - interval: the pause between two looks.
    public init(
        on database: any SQLDatabase, from source: (any SQLDatabase)? = nil, clock: any SagaClock, policy: AuditPolicy,
        hash: any ContentHash,
        interval: Duration = .seconds(1), observer: any AuditObserver = NoAuditObserver()
    ) {
        self.observer = observer
        self.database = database
        self.source = source
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
            let oldest = try await (source ?? database).read { try AuditLog.oldest(in: $0) }
            observer.looked(.changes, oldest: oldest)
            let begin = clock.now()
            guard oldest != nil else { return .idle(wakeAt: begin + interval) }
            let count = try await move()
            observer.recorded(.changes, entries: count, in: clock.now() - begin)
            return .worked
        }
    }

    private func move() async throws -> Int {
        guard let source else {
            return try await database.write { transaction in
                let log = log(in: transaction)
                let now = clock.now()
                // The head first, as everybody does.
                try log.lock(at: now)
                let records = try AuditLog.take(Self.limit, in: transaction)
                try log.append(records.map { Self.entry(of: $0, masked: policy.mask) }, at: now)
                return records.count
            }
        }
        let records = try await source.read { try AuditLog.next(Self.limit, in: $0) }
        try await database.write { transaction in
            let (log, now) = (log(in: transaction), clock.now())
            try log.lock(at: now)
            try log.append(records.map { Self.entry(of: $0, masked: policy.mask) }, at: now)
        }
        try await source.write { try AuditLog.remove(records.map(\.id), in: $0) }
        return records.count
    }

    private func log(in transaction: any SQLTransaction) -> AuditLogStore {
        AuditLogStore(transaction, hash: hash, segmentLength: policy.segmentLength)
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
