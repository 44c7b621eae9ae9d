import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// Takes away what has been kept long enough, one full segment after the other.
///
/// A segment is read and checked first: what was tampered with is left as it is. Then one transaction notes which entries go, with the
/// hashes that the chain needs, and logs the cleanup itself; only then they are deleted, a few at a time. Wherever it ends, the log
/// verifies, and the next cleanup goes on.
public struct AuditCleanup: Sendable {
    /// What a cleanup did, or would do.
    public struct Outcome: Sendable, Codable, Hashable {
        /// Segments from which something goes.
        public var segments = 0
        /// Entries that go.
        public var entries: Int64 = 0
        /// Entries that would, if no hold kept them.
        public var held: Int64 = 0
        /// Segments that are not what was recorded, and were left alone.
        public var damaged: [Int64] = []
        /// Behind which segment to go on; `nil` if there is nothing more to look at.
        public var next: Int64?

        public init() {}
    }

    /// Who asks for a cleanup, and why.
    public struct Request: Sendable {
        public var actor: UUID
        /// 1 to 500 characters.
        public var reason: String

        public init(by actor: UUID, reason: String) {
            self.actor = actor
            self.reason = String(reason.prefix(500))
        }
    }

    private static let page = 1000
    private let database: any SQLDatabase
    private let clock: any SagaClock
    private let ids: any IDGenerator
    private let hash: any ContentHash
    private let retention: AuditRetention
    private let batch: Int
    private let store: (any EntryStore)?

    /// - Parameters:
    ///   - store: that beside the log; what goes from the log goes there later, by ``StoreFeeder``.
    ///   - batch: entries that one transaction deletes at most.
    public init(
        on database: any SQLDatabase, store: (any EntryStore)? = nil, clock: any SagaClock, ids: any IDGenerator,
        hash: any ContentHash,
        retention: AuditRetention, batch: Int = 500
    ) {
        self.database = database
        self.clock = clock
        self.ids = ids
        self.hash = hash
        self.retention = retention
        self.batch = batch
        self.store = store
    }

    /// Goes through the segments that have something old enough.
    ///
    /// - Parameters:
    ///   - isDry: only says what would go.
    ///   - request: `nil`: the schedule, or somebody at the command line.
    ///   - number: the segment behind which to begin.
    ///   - limit: looks at no more segments; `nil`: at all of them.
    ///   - progress: told after each segment.
    /// - Throws: ``SQLError``; ``SagaFault`` `.unavailable` if a part is only in a store that is away; what was done until then stays done.
    public func run(
        isDry: Bool = false, by request: Request? = nil, after number: Int64 = 0, limit: Int? = nil,
        progress: @Sendable (Outcome) -> Void = { _ in }
    ) async throws -> Outcome {
        var outcome = Outcome()
        var (last, looks) = (number, 0)
        while looks < limit ?? .max, let number = try await step(after: last, isDry: isDry, by: request, &outcome) {
            last = number
            looks += 1
            progress(outcome)
        }
        if looks == limit, try await hasSegment(after: last) { outcome.next = last }
        return outcome
    }

    private func hasSegment(after number: Int64) async throws -> Bool {
        let limits = retention.limits(at: clock.now())
        return try await database.read { try Segment.next(after: number, before: limits.latest, in: $0) } != nil
    }

    /// The next segment.
    ///
    /// - Returns: its number; `nil` if there is none.
    func step(after number: Int64, isDry: Bool, by request: Request?, _ outcome: inout Outcome) async throws -> Int64? {
        let now = clock.now()
        let limits = retention.limits(at: now)
        let (segment, holds) = try await database.read { transaction in
            (
                try Segment.next(after: number, before: limits.latest, in: transaction),
                try HoldStore(transaction).active()
            )
        }
        guard let segment else { return nil }
        guard let plan = try await plan(segment, limits, holds) else {
            outcome.damaged.append(segment.number)
            return segment.number
        }
        outcome.held += plan.held
        if plan.due > 0 {
            outcome.segments += 1
            outcome.entries += plan.due
            if !isDry { try await note(plan, limits, holds, by: request, at: now) }
        }
        if !isDry, plan.due > 0 || plan.hasRemains { try await delete(of: segment) }
        return segment.number
    }

    /// - Returns: `nil` if the segment is not what was recorded.
    private func plan(
        _ segment: Segment, _ limits: AuditRetention.Limits, _ holds: [AuditHold]
    ) async throws -> CleanupPlan? {
        let (runs, cleanup) = try await database.read { transaction in
            let store = PrunedStore(transaction)
            return (try store.runs(of: segment.number), try store.lastCleanup(of: segment.number))
        }
        var plan = CleanupPlan(segment, runs: runs)
        var check = ChainCheck(of: segment, cleanup: cleanup, by: hash)
        var rest = runs[...]
        while check.last < segment.places.upperBound {
            let last = check.last
            let entries = try await LogPages(database, store).next(after: last, limit: Self.page).entries
                .filter { segment.places.contains($0.sequence) }
            guard let reached = entries.last?.sequence else { break }
            let between = rest.prefix { $0.first <= reached }
            rest = rest.dropFirst(between.count)
            check.take(entries, among: Array(between))
            for entry in entries { plan.take(entry, limits, holds) }
        }
        plan.finish()
        check.finish(Array(rest))
        return check.result.isIntact && check.unexplained.isEmpty ? plan : nil
    }

    /// Notes what goes, and logs that it does.
    private func note(
        _ plan: CleanupPlan, _ limits: AuditRetention.Limits, _ holds: [AuditHold], by request: Request?,
        at now: Timestamp
    ) async throws {
        let entry = entry(of: plan, limits, by: request, at: now)
        try await database.write { [hash] transaction in
            let log = AuditLogStore(transaction, hash: hash, segmentLength: AuditPolicy().segmentLength)
            try log.lock(at: now)
            let store = PrunedStore(transaction)
            // Another process may have cleaned up meanwhile.
            guard try store.runs(of: plan.segment.number) == plan.before else {
                throw SQLError(.busy, "another process cleans up segment \(plan.segment.number) of the audit trail")
            }
            guard try HoldStore(transaction).active() == holds else {
                throw SQLError(.busy, "a hold was placed or released while the audit trail was looked through")
            }
            try store.replace(plan.after, of: plan.segment.number)
            try PlaceRunStore(transaction).forget(plan.after.map { $0.first...$0.last })
            try store.note(prunedBefore: limits.latest)
            try log.append([entry], at: now)
        }
    }

    private func entry(
        of plan: CleanupPlan, _ limits: AuditRetention.Limits, by request: Request?, at now: Timestamp
    ) -> AuditEntry {
        let digest = PrunedDigest(plan.after)
        var json = JSONWriter()
        json.object { json in
            json.key("first" as StaticString)
            json.integer(plan.segment.places.lowerBound)
            json.key("last" as StaticString)
            json.integer(plan.segment.places.upperBound)
            json.key("entries" as StaticString)
            json.integer(plan.due)
            json.key("kept" as StaticString)
            json.integer(plan.kept)
            json.key("before" as StaticString)
            json.string("\(limits.general)")
            json.key("severeBefore" as StaticString)
            json.string("\(limits.severe)")
            json.key("digest" as StaticString)
            json.string(digest.text(hash))
            if let request {
                json.key("reason" as StaticString)
                json.string(request.reason)
            }
        }
        let origin = request == nil ? nil : RequestOrigin.current
        return AuditEntry(
            id: ids.next(), action: ChainCheck.cleanup, resource: "segment", resourceID: "\(plan.segment.number)",
            actor: .init(
                userID: request?.actor, role: origin?.role, ipAddress: origin?.ipAddress, userAgent: origin?.userAgent),
            occurredAt: now, status: .success, severity: .high,
            details: Data(json.bytes), correlationID: nil, service: AuditParticipant.service)
    }

    private func delete(of segment: Segment) async throws {
        let limit = batch
        while try await database.write({ try PrunedStore($0).delete(of: segment.number, limit: limit) }) == limit {}
    }
}
