import Audit
import Foundation
import SagaChoreography
import SagaTesting

/// What every store of entries beside the log must do, on an empty one that was prepared.
package enum EntryStoreContract {
    /// Every sentence of the contract; each needs a store of its own.
    package static let cases: [ContractCase<any EntryStore>] = keepingCases + readingCases

    private static let keepingCases: [ContractCase<any EntryStore>] = [
        ContractCase("an entry comes back to the byte", anEntryComesBackToTheByte),
        ContractCase("what comes twice is there once", whatComesTwiceIsThereOnce),
        ContractCase("a batch of which half is there ends whole", aBatchOfWhichHalfIsThereEndsWhole),
        ContractCase("what has an id or a place keeps it", whatHasAnIDOrAPlaceKeepsIt),
        ContractCase("what replaces is there instead of what was changed, moved or gone", whatReplacesIsThere),
        ContractCase("a thousand entries are one batch", aThousandEntriesAreOneBatch),
        ContractCase("many that write the same at once lose nothing", manyThatWriteTheSameAtOnceLoseNothing),
        ContractCase("what is removed is gone, and may come again", whatIsRemovedIsGone),
        ContractCase("heads are kept in order, and stay", headsAreKeptInOrderAndStay),
        ContractCase("preparing again changes nothing", preparingAgainChangesNothing),
    ]

    static let everywhere: ClosedRange<Int64> = 1...Int64.max

    static func everything(in store: any EntryStore) async throws -> [LoggedEntry] {
        try await store.entries(AuditFilter(), in: everywhere, .oldestFirst, limit: 100_000)
    }

    static func requireExactly(_ entries: [LoggedEntry], in store: any EntryStore, _ when: String) async throws {
        let there = try await everything(in: store)
        try require(
            there == entries, "\(when): places \(there.map(\.sequence)), expected \(entries.map(\.sequence))")
    }

    private static func anEntryComesBackToTheByte(_ store: any EntryStore) async throws {
        let entries = [
            SampleEntries.entry(1),
            SampleEntries.entry(2) { entry in
                entry.actor = .init(
                    userID: SampleEntries.id(2, 1), role: "관리자", ipAddress: "2001:db8::7334%eth0",
                    userAgent: "Mozilla/5.0 (🦊; 한국어) e\u{301} \u{e9} \"quoted\" \\")
                entry.correlationID = SampleEntries.id(3, 1)
                entry.causationID = SampleEntries.id(4, 1)
                entry.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
                entry.details = Data("{ \"b\" : 1,\n\t\"a\":  [ 1.0, 1e2 ] , \"ü\":\"\\u00e9 e\u{301} 마법 👩‍👩‍👧\" }  ".utf8)
            },
            SampleEntries.entry(3) { entry in
                entry.actor = .init(userID: nil, role: "", ipAddress: "", userAgent: "")
                entry.traceparent = ""
                entry.resourceID = ""
                entry.details = Data("{}".utf8)
                entry.occurredAt = Timestamp(milliseconds: -1)
                entry.status = .failed
                entry.severity = .low
            },
            SampleEntries.entry(4) { entry in
                entry.occurredAt = Timestamp(milliseconds: 9_007_199_254_740_993)
                entry.status = .blocked
                entry.severity = .incident
                entry.details = Data(#"{"long":"\#(String(repeating: "é", count: 20_000))"}"#.utf8)
            },
            SampleEntries.entry(Int64.max - 1),
        ]
        try await store.put(entries)
        let there = try await everything(in: store)
        try require(there.count == entries.count, "\(there.count) of \(entries.count) are there")
        for (found, put) in zip(there, entries) {
            try require(found == put, "the entry at \(put.sequence) is another")
            // Swift's texts are equal if Unicode says so; a hash is not.
            try require(texts(of: found) == texts(of: put), "a text at \(put.sequence) has other bytes")
        }
    }

    private static func texts(of logged: LoggedEntry) -> [[UInt8]?] {
        let entry = logged.entry
        return [
            entry.action, entry.resource, entry.resourceID, entry.actor.role, entry.actor.ipAddress,
            entry.actor.userAgent, entry.traceparent, entry.service.name,
        ].map { $0.map { Array($0.utf8) } }
    }

    private static func whatComesTwiceIsThereOnce(_ store: any EntryStore) async throws {
        let entries = SampleEntries.varied(1...20)
        try await store.put(entries)
        try await store.put(entries)
        try await requireExactly(entries, in: store, "the same batch again")
        try await store.put([])
        try await store.put([entries[0], SampleEntries.entry(21), entries[3], SampleEntries.entry(21)])
        try await requireExactly(entries + [SampleEntries.entry(21)], in: store, "an entry twice in a batch")
    }

    private static func aBatchOfWhichHalfIsThereEndsWhole(_ store: any EntryStore) async throws {
        let entries = SampleEntries.varied(1...60)
        try await store.put(entries.filter { $0.sequence % 2 == 0 })
        try await store.put(entries)
        try await requireExactly(entries, in: store, "every other one was there")
        let more = SampleEntries.varied(61...120)
        try await store.put(Array(more.prefix(30)))
        try await store.put(more)
        try await requireExactly(entries + more, in: store, "the first half was there")
    }

    private static func whatHasAnIDOrAPlaceKeepsIt(_ store: any EntryStore) async throws {
        let entries = SampleEntries.varied(1...3)
        try await store.put(entries)
        let sameIDElsewhere = SampleEntries.entry(10) { $0.id = entries[0].entry.id }
        let samePlace = SampleEntries.entry(2) { $0.id = SampleEntries.id(9, 2) }
        var otherContent = entries[2]
        otherContent.entry.details = Data(#"{"forged":"yes"}"#.utf8)
        try await store.put([sameIDElsewhere, samePlace, otherContent, SampleEntries.entry(11)])
        try await requireExactly(entries + [SampleEntries.entry(11)], in: store, "others with the same ids and places")
    }

    private static func whatReplacesIsThere(_ store: any EntryStore) async throws {
        let right = SampleEntries.varied(1...9)
        var changed = right[1]
        changed.entry.details = Data(#"{"forged":"yes"}"#.utf8)
        var moved = right[4]
        moved.sequence = 20
        let planted = SampleEntries.entry(6) { $0.id = SampleEntries.id(9, 6) }
        try await store.put([right[0], changed, right[2], moved, planted, right[6], right[8]])
        let repair = Array(right[1...5])
        for turn in ["replaced", "replaced again"] {
            try await store.replace(repair)
            try await requireExactly(Array(right[0...6]) + [right[8]], in: store, turn)
        }
        try await store.replace([])
        try await requireExactly(Array(right[0...6]) + [right[8]], in: store, "nothing replaced")
    }

    private static func aThousandEntriesAreOneBatch(_ store: any EntryStore) async throws {
        let entries = SampleEntries.varied(1...1000)
        try await store.put(entries)
        try await requireExactly(entries, in: store, "a thousand")
        let later = SampleEntries.varied(501...1500)
        try await store.put(later)
        try await requireExactly(SampleEntries.varied(1...1500), in: store, "a thousand of which half was there")
    }

    private static func manyThatWriteTheSameAtOnceLoseNothing(_ store: any EntryStore) async throws {
        let entries = SampleEntries.varied(1...200)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<24 {
                // Overlapping pieces, each from another place on.
                let first = task * 17 % 160
                group.addTask {
                    try await store.put(Array(entries[first..<(first + 40)]))
                    let there = try await store.entries(
                        AuditFilter(), in: Int64(first + 1)...Int64(first + 40), .newestFirst, limit: 100)
                    try require(there.count == 40, "\(there.count) of 40 are there when they were acknowledged")
                }
            }
            try await group.waitForAll()
        }
        try await store.put(entries)
        try await requireExactly(entries, in: store, "from many tasks")
    }

    private static func whatIsRemovedIsGone(_ store: any EntryStore) async throws {
        let entries = SampleEntries.varied(1...30)
        try await store.put(entries)
        try await store.remove(5...24)
        try await requireExactly(Array(entries[0..<4] + entries[24...]), in: store, "places 5 to 24 removed")
        try await store.remove(5...24)
        try await store.remove(1000...2000)
        try await requireExactly(Array(entries[0..<4] + entries[24...]), in: store, "removed what is not there")
        try await store.put(entries)
        try await requireExactly(entries, in: store, "put again")
    }

    private static func headsAreKeptInOrderAndStay(_ store: any EntryStore) async throws {
        try require(try await store.heads().isEmpty, "heads of an empty store")
        let heads = [1000, 2000, 512, Int64.max].map { KeptHead(sequence: $0, hash: SampleEntries.hash($0)) }
        try await store.put(heads: Array(heads[0...1]))
        try await store.put(heads: heads)
        try await store.put(heads: [KeptHead(sequence: 2000, hash: SampleEntries.hash(7))])
        try await store.put(heads: [])
        let there = try await store.heads()
        try require(there == [heads[2], heads[0], heads[1], heads[3]], "\(there.map(\.line))")
        try await requireExactly([], in: store, "heads are no entries")
    }

    private static func preparingAgainChangesNothing(_ store: any EntryStore) async throws {
        let entries = SampleEntries.varied(1...5)
        try await store.put(entries)
        try await store.prepare()
        try await requireExactly(entries, in: store, "prepared again")
    }
}
