import Audit
import Foundation
import SagaChoreography
import SagaTesting

extension EntryStoreContract {
    static let readingCases: [ContractCase<any EntryStore>] =
        [
            ContractCase("an empty store has nothing", anEmptyStoreHasNothing),
            ContractCase("tallies count what happened in a period, by day and kind", talliesCountWhatHappened),
        ]
        + EntryReadingContract.cases.map { asked in
            ContractCase(asked.sentence) { try await asked.check(Asked(store: $0)) }
        }

    private struct Asked: EntryReading {
        let store: any EntryStore

        func fill(_ entries: [LoggedEntry]) async throws { try await store.put(entries) }

        func entries(
            _ filter: AuditFilter, in places: ClosedRange<Int64>, _ order: EntryOrder, limit: Int
        ) async throws -> [LoggedEntry] {
            try await store.entries(filter, in: places, order, limit: limit)
        }
    }

    private static func anEmptyStoreHasNothing(_ store: any EntryStore) async throws {
        try await requireExactly([], in: store, "empty")
        let tallies = try await store.tallies(
            in: everywhere, from: Timestamp(milliseconds: 0), until: SampleEntries.start + .seconds(1_000_000))
        try require(tallies.isEmpty, "\(tallies)")
        try await store.remove(everywhere)
    }

    private static func talliesCountWhatHappened(_ store: any EntryStore) async throws {
        let entries = SampleEntries.varied(1...180)
        let model = MemoryEntryStore()
        try await store.put(entries)
        try await model.put(entries)
        let old = (181...184).map { place in
            SampleEntries.entry(place) { $0.occurredAt = Timestamp(milliseconds: -86_400_001 + (place - 181)) }
        }
        try await store.put(old)
        try await model.put(old)
        let start = SampleEntries.start
        let periods = [
            (start, start + .seconds(400_000)), (start + .seconds(86_400), start + .seconds(172_800)),
            (start + .milliseconds(3_600_000), start + .milliseconds(3_600_001)),
            (start + .milliseconds(3_600_001), start + .milliseconds(7_200_000)), (start, start),
            (Timestamp(milliseconds: -100_000_000), Timestamp(milliseconds: 0)),
        ]
        for (from, until) in periods {
            for places: ClosedRange<Int64> in [everywhere, 30...70] {
                let expected = try await model.tallies(in: places, from: from, until: until)
                let found = try await store.tallies(in: places, from: from, until: until)
                try require(
                    found.count == Set(found).count && Set(found) == Set(expected),
                    "\(places), \(from.milliseconds) until \(until.milliseconds): \(found.count) tallies, expected \(expected.count)"
                )
            }
        }
        let all = try await store.tallies(in: everywhere, from: start, until: start + .seconds(400_000))
        try require(all.reduce(0) { $0 + $1.count } == 180, "not all are counted")
    }
}
