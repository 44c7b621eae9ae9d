import FoundationEssentials
import SQLCore
import SagaChoreography
import SagaSQL

/// Makes log and store the same again, segment by segment, from whichever is what was recorded.
///
/// A segment is written only if the other's copy of it is intact, link by link up to the hash with which it was sealed. What was damaged in
/// both is left to people.
public struct RepairTrail: Sendable {
    /// What was done.
    public struct Outcome: Sendable, Codable, Hashable {
        /// Entries that were written to the log, and to the store.
        public var log = 0
        public var store = 0
        /// Places of segments that are damaged in both.
        public var hopeless: [ClosedRange<Int64>] = []

        public init() {}
    }

    private let database: any SQLDatabase
    private let entries: any EntryStore
    private let hash: any ContentHash
    private let clock: any SagaClock
    private let ids: any IDGenerator

    public init(
        _ database: any SQLDatabase, _ store: any EntryStore, hash: any ContentHash, clock: any SagaClock,
        ids: any IDGenerator
    ) {
        self.database = database
        entries = store
        self.hash = hash
        self.clock = clock
        self.ids = ids
    }

    /// Checks both and repairs what is found. Each repair is an entry of the trail itself.
    ///
    /// - Parameter actor: who asks for it; `nil`: the command line.
    /// - Throws: ``SQLError``; ``SagaFault`` `.unavailable` if the store is away.
    public func run(by actor: UUID? = nil, reason: String) async throws -> Outcome {
        let verifier = AuditVerifier(hash: hash)
        let inLog = try await verifier.run(database, store: entries).findings
        let inStore = try await verifier.run(copyIn: entries, of: database).findings
        var outcome = Outcome()
        let doubtful = try await firstContradiction()
        for part in try await parts(touchedBy: inLog + inStore) {
            // Whoever wrote the log anew made it fit itself: it is no measure for what the store has from before.
            if let doubtful, part.places.upperBound >= doubtful {
                outcome.hopeless.append(part.places)
                continue
            }
            let (log, store) = try await (copy(of: part, inLog: true), copy(of: part, inLog: false))
            if let log, try await overwriteStore(with: log, in: part, &outcome) { continue }
            if let store, try await overwriteLog(with: store, in: part, &outcome) { continue }
            if log == nil, store == nil { outcome.hopeless.append(part.places) }
        }
        if outcome.log + outcome.store > 0 { try await note(outcome, by: actor, reason) }
        return outcome
    }

    /// The first place at which the store keeps another head than the log has; `nil` if there is none.
    private func firstContradiction() async throws -> Int64? {
        let kept = try await entries.heads()
        let sealed = try await database.read { try AuditQueries($0).segments() }
        return kept.filter { sealed[$0.sequence] != $0.hash }.map(\.sequence).min()
    }

    /// A segment, or what is behind the last one, with the hashes at its ends.
    private struct Part: Sendable {
        let places: ClosedRange<Int64>
        let before: Data
        let head: Data
        let isOpen: Bool
    }

    private func parts(touchedBy findings: [AuditVerification.Finding]) async throws -> [Part] {
        guard !findings.isEmpty else { return [] }
        let (sealed, head) = try await database.read { transaction in
            let queries = AuditQueries(transaction)
            return (try queries.segments().sorted { $0.key < $1.key }, try queries.head())
        }
        var (parts, first, before) = ([Part](), Int64(1), EntryChain.origin)
        for (last, hash) in sealed {
            parts.append(Part(places: first...last, before: before, head: hash, isOpen: false))
            (first, before) = (last + 1, hash)
        }
        if first <= head.sequence {
            parts.append(Part(places: first...head.sequence, before: before, head: head.hash, isOpen: true))
        }
        // A changed entry shows at its successor, too.
        return parts.filter { part in
            findings.contains { $0.last + 1 >= part.places.lowerBound && $0.first - 1 <= part.places.upperBound }
        }
    }

    /// A part as the log or the store has it; `nil` if that is not what was recorded, or not whole there.
    private func copy(of part: Part, inLog: Bool) async throws -> [LoggedEntry]? {
        var found: [LoggedEntry] = []
        if inLog {
            let count = part.places.count + 1
            found = try await database.read {
                try AuditQueries($0).entries(after: part.places.lowerBound - 1, limit: count)
            }.filter { part.places.contains($0.sequence) }
        } else {
            found = try await entries.readable(in: part.places, limit: part.places.count + 1).entries
        }
        let runs = try await database.read {
            try AuditQueries($0).runs(after: part.places.lowerBound - 1, upTo: part.places.upperBound)
        }
        return isIntact(found, part, runs) ? found : nil
    }

    private func isIntact(_ found: [LoggedEntry], _ part: Part, _ runs: [PrunedRun]) -> Bool {
        var (last, previous) = (part.places.lowerBound - 1, part.before)
        var runs = runs[...]
        for entry in found {
            while last + 1 < entry.sequence, let run = runs.first, run.first == last + 1 {
                (last, previous) = (run.last, run.lastHash)
                runs.removeFirst()
            }
            guard entry.sequence == last + 1,
                EntryChain.hash(of: entry, after: previous, by: hash) == entry.hash
            else { return false }
            (last, previous) = (entry.sequence, entry.hash)
        }
        while let run = runs.first, run.first == last + 1 {
            (last, previous) = (run.last, run.lastHash)
            runs.removeFirst()
        }
        return last == part.places.upperBound && previous == part.head
    }

    /// - Returns: whether the store is what the log is now.
    private func overwriteStore(with log: [LoggedEntry], in part: Part, _ outcome: inout Outcome) async throws -> Bool {
        let feed = try await database.read { [entries] in try FeedStore($0).feed(of: entries.name) }
        let lone = try await database.read { try PlaceRunStore($0).runs(in: part.places, .log) }
        let wanted = log.filter { entry in
            entry.sequence <= feed.position && !lone.contains { $0.contains(entry.sequence) }
        }
        let kept = try await entries.readable(in: part.places, limit: part.places.count + 1).entries
        let there = Dictionary(kept.map { ($0.sequence, $0) }, uniquingKeysWith: { first, _ in first })
        let wrong = wanted.filter { there[$0.sequence] != $0 }
        // Behind its position is what the feeder is bringing.
        let known = Set(log)
        let knownPlaces = Set(wanted.map(\.sequence))
        for extra in kept where !knownPlaces.contains(extra.sequence) && !known.contains(extra) {
            try await entries.remove(extra.sequence...extra.sequence)
            outcome.store += 1
        }
        for begin in stride(from: 0, to: wrong.count, by: 500) {
            try await entries.replace(Array(wrong[begin..<min(begin + 500, wrong.count)]))
        }
        outcome.store += wrong.count
        return true
    }

    private func overwriteLog(with store: [LoggedEntry], in part: Part, _ outcome: inout Outcome) async throws -> Bool {
        let count = try await database.write { transaction in
            let lone = try PlaceRunStore(transaction).runs(in: part.places, .store)
            let wanted = store.filter { entry in !lone.contains { $0.contains(entry.sequence) } }
            let log = AuditLogStore(transaction, hash: hash, segmentLength: AuditPolicy().segmentLength)
            try log.lock(at: clock.now())
            return try log.overwrite(part.places, with: wanted)
        }
        outcome.log += count
        return true
    }

    private func note(_ outcome: Outcome, by actor: UUID?, _ reason: String) async throws {
        var json = JSONWriter()
        json.object { json in
            json.key("log" as StaticString)
            json.integer(Int64(outcome.log))
            json.key("store" as StaticString)
            json.integer(Int64(outcome.store))
            json.key("reason" as StaticString)
            json.string(reason)
        }
        let now = clock.now()
        let entry = AuditEntry(
            id: ids.next(), action: "audit.repaired", resource: "audit", resourceID: entries.name,
            actor: .init(userID: actor), occurredAt: now, status: .success, severity: .critical,
            details: Data(json.bytes), correlationID: nil, service: AuditParticipant.service)
        try await database.write { [hash] transaction in
            let log = AuditLogStore(transaction, hash: hash, segmentLength: AuditPolicy().segmentLength)
            try log.append([entry], at: now)
        }
    }
}
