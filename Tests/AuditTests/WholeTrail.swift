import AuditContract
import Foundation
import PurchaseApp
import SagaChoreography
import Synchronization

@testable import Audit

/// A trail whose entries are where its placement wants them, asked as production asks.
///
/// Where an entry stands and what it says is the trail's; when it was recorded and its link are the log's own matter, and verified: in an
/// answer they are those of the entry that was put.
final class WholeTrail: EntryReading {
    let both: Both
    private let primary: AuditReader.Primary
    private let put: Mutex<[Int64: LoggedEntry]>

    private init(_ both: Both, _ primary: AuditReader.Primary, _ put: [Int64: LoggedEntry]) {
        self.both = both
        self.primary = primary
        self.put = Mutex(put)
    }

    convenience init(_ placement: AuditPlacement, answeredBy primary: AuditReader.Primary = .log) async throws {
        self.init(try await Both(placement), primary, [:])
    }

    /// The same trail, kept in another way from now on.
    func becoming(_ placement: AuditPlacement) -> WholeTrail {
        var both = both
        both.placement = placement
        return WholeTrail(both, primary, put.withLock { $0 })
    }

    func fill(_ entries: [LoggedEntry]) async throws {
        let (now, length) = (both.trail.clock.now(), both.trail.policy.segmentLength)
        let logged = try await both.trail.database.write { transaction in
            try AuditLogStore(transaction, hash: SHA256Hash(), segmentLength: length)
                .append(entries.map(\.entry), at: now)
        }
        for (entry, logged) in zip(entries, logged) where entry.sequence != logged.sequence {
            throw Misplaced(expected: entry.sequence, found: logged.sequence)
        }
        put.withLock { put in for entry in entries { put[entry.sequence] = entry } }
        try await settle()
    }

    /// A place that the contract did not mean.
    struct Misplaced: Error {
        let expected: Int64
        let found: Int64
    }

    /// Lets everything go where it belongs.
    func settle() async throws {
        if both.placement.feedsAnything { try await both.feeder.flush() }
        if both.placement.movesAnything { try await both.relieve() }
    }

    func entries(
        _ filter: AuditFilter, in places: ClosedRange<Int64>, _ order: EntryOrder, limit: Int
    ) async throws -> [LoggedEntry] {
        let reader = both.reader(primary)
        var found: [LoggedEntry] = []
        var place: Int64? = order == .oldestFirst ? places.lowerBound - 1 : places.upperBound
        if order == .newestFirst { place = places.upperBound == .max ? nil : places.upperBound + 1 }
        while found.count < limit {
            let page = try await reader.entries(filter, from: place, order, limit: max(limit, 1))
            found += page.entries.filter { places.contains($0.sequence) }
            guard let next = page.next, places.contains(next) else { break }
            place = next
        }
        return found.prefix(limit).map(asPut)
    }

    private func asPut(_ logged: LoggedEntry) -> LoggedEntry {
        put.withLock { put in
            guard let original = put[logged.sequence] else { return logged }
            return LoggedEntry(
                logged.entry, sequence: logged.sequence, recordedAt: original.recordedAt, hash: original.hash)
        }
    }
}
