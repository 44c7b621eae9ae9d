import Audit
import Foundation
import SagaChoreography
import Synchronization

/// What an entry store does, told in the plainest way: every other one is compared with it.
package final class MemoryEntryStore: EntryStore {
    private struct State {
        var entries: [Int64: LoggedEntry] = [:]
        var heads: [Int64: KeptHead] = [:]

        mutating func put(_ entry: LoggedEntry) {
            guard entries[entry.sequence] == nil, !entries.values.contains(where: { $0.entry.id == entry.entry.id })
            else { return }
            entries[entry.sequence] = entry
        }
    }

    package let name = "memory"
    private let state = Mutex(State())

    package init() {}

    package func prepare() async throws {}

    package func put(_ entries: [LoggedEntry]) async throws {
        state.withLock { state in for entry in entries { state.put(entry) } }
    }

    package func replace(_ entries: [LoggedEntry]) async throws {
        let (places, ids) = (Set(entries.map(\.sequence)), Set(entries.map(\.entry.id)))
        state.withLock { state in
            state.entries = state.entries.filter { !places.contains($0.key) && !ids.contains($0.value.entry.id) }
            for entry in entries { state.put(entry) }
        }
    }

    package func entries(
        _ filter: AuditFilter, in places: ClosedRange<Int64>, _ order: EntryOrder, limit: Int
    ) async throws -> [LoggedEntry] {
        let found = state.withLock { Array($0.entries.values) }.filter { entry in
            places.contains(entry.sequence) && filter.plainlyMatches(entry.entry)
        }.sorted { $0.sequence < $1.sequence }
        return switch order {
        case .oldestFirst: Array(found.prefix(max(0, limit)))
        case .newestFirst: Array(found.reversed().prefix(max(0, limit)))
        }
    }

    package func tallies(
        in places: ClosedRange<Int64>, from: Timestamp, until: Timestamp
    ) async throws -> [AuditTally] {
        struct Kind: Hashable {
            let day: Int64
            let action: String
            let status: AuditEntry.Status
            let severity: Int64
        }
        var counts: [Kind: Int64] = [:]
        for entry in state.withLock({ Array($0.entries.values) }) where places.contains(entry.sequence) {
            let entry = entry.entry
            guard entry.occurredAt >= from, entry.occurredAt < until else { continue }
            let kind = Kind(
                day: entry.occurredAt.milliseconds / 86_400_000, action: entry.action, status: entry.status,
                severity: entry.severity.rawValue)
            counts[kind, default: 0] += 1
        }
        return counts.map { kind, count in
            AuditTally(
                day: kind.day, action: kind.action, status: kind.status, severity: kind.severity, count: count)
        }
    }

    package func remove(_ places: ClosedRange<Int64>) async throws {
        state.withLock { state in state.entries = state.entries.filter { !places.contains($0.key) } }
    }

    package func put(heads: [KeptHead]) async throws {
        state.withLock { state in state.heads.merge(heads.map { ($0.sequence, $0) }) { first, _ in first } }
    }

    package func heads() async throws -> [KeptHead] {
        state.withLock { Array($0.heads.values) }.sorted { $0.sequence < $1.sequence }
    }
}

extension AuditFilter {
    /// What the filter means, field by field.
    fileprivate func plainlyMatches(_ entry: AuditEntry) -> Bool {
        let isSameThing =
            (actor == nil || entry.actor.userID == actor) && same(action, entry.action)
            && same(resource, entry.resource) && same(resourceID, entry.resourceID)
            && same(service?.name, entry.service.name) && (correlationID == nil || entry.correlationID == correlationID)
        let isInTime = (from.map { entry.occurredAt >= $0 } ?? true) && (until.map { entry.occurredAt < $0 } ?? true)
        let isSevere = severity.map { entry.severity >= $0 } ?? true
        let isOfSecurity =
            entry.status == .blocked
            || (entry.status != .success && AuditFilter.securityActions.contains(entry.action))
        return isSameThing && isInTime && isSevere && (status == nil || entry.status == status)
            && (!isSecurity || isOfSecurity) && (text.map(entry.plainlyContains) ?? true)
    }

    /// By bytes: Swift takes texts for equal that Unicode does.
    private func same(_ asked: String?, _ there: String) -> Bool {
        asked.map { Array($0.utf8) == Array(there.utf8) } ?? true
    }
}

extension AuditEntry {
    fileprivate func plainlyContains(_ text: String) -> Bool {
        func lowered(_ bytes: some Sequence<UInt8>) -> [UInt8] { bytes.map { (65...90).contains($0) ? $0 | 0x20 : $0 } }
        let part = lowered(text.utf8)
        return [lowered(details), lowered(action.utf8), lowered(resourceID.utf8)].contains { whole in
            part.isEmpty || whole.firstRange(of: part) != nil
        }
    }
}
