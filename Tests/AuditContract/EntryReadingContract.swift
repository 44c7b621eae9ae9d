import Audit
import Foundation
import SagaChoreography
import SagaTesting

/// Entries that can be asked for: a store beside the log, or a whole trail, wherever its entries are.
package protocol EntryReading: Sendable {
    /// Puts entries behind those that are there; the first stands at 1.
    func fill(_ entries: [LoggedEntry]) async throws

    /// As ``EntryStore/entries(_:in:_:limit:)``.
    func entries(
        _ filter: AuditFilter, in places: ClosedRange<Int64>, _ order: EntryOrder, limit: Int
    ) async throws -> [LoggedEntry]
}

/// What whoever is asked for entries must answer; it is empty before.
package enum EntryReadingContract {
    /// Every sentence of the contract; each needs entries of its own.
    package static let cases: [ContractCase<any EntryReading>] = [
        ContractCase("entries are read in both directions, up to a limit", entriesAreReadInBothDirections),
        ContractCase("each field of a filter means what it says", eachFieldOfAFilterMeansWhatItSays),
        ContractCase("a text is looked for by its bytes, ASCII in any case", aTextIsLookedForByItsBytes),
        ContractCase("a long text is looked for to its end", aLongTextIsLookedForToItsEnd),
        ContractCase("fields of a filter mean the same together", fieldsOfAFilterMeanTheSameTogether),
    ]

    /// The store and the model, with the same entries.
    private static func filled(_ store: any EntryReading) async throws -> MemoryEntryStore {
        let entries = SampleEntries.varied(1...180)
        let model = MemoryEntryStore()
        try await store.fill(entries)
        try await model.put(entries)
        return model
    }

    private static func requireSame(
        _ filter: AuditFilter, _ store: any EntryReading, _ model: MemoryEntryStore,
        in places: ClosedRange<Int64> = EntryStoreContract.everywhere, order: EntryOrder = .newestFirst,
        limit: Int = 1000,
        as what: String
    ) async throws -> Int {
        let expected = try await model.entries(filter, in: places, order, limit: limit)
        let found = try await store.entries(filter, in: places, order, limit: limit)
        try require(
            found == expected, "\(what): places \(found.map(\.sequence)), expected \(expected.map(\.sequence))")
        return found.count
    }

    private static func entriesAreReadInBothDirections(_ store: any EntryReading) async throws {
        let model = try await filled(store)
        let ranges: [ClosedRange<Int64>] = [1...180, 17...17, 20...43, 170...9000, 500...600]
        for places in ranges {
            for order in [EntryOrder.oldestFirst, .newestFirst] {
                for limit in [0, 1, 7, 1000] {
                    _ = try await requireSame(
                        AuditFilter(), store, model, in: places, order: order, limit: limit,
                        as: "\(places), \(order), at most \(limit)")
                }
            }
        }
    }

    private static func eachFieldOfAFilterMeansWhatItSays(_ store: any EntryReading) async throws {
        let model = try await filled(store)
        for (name, filter) in singleFilters {
            let count = try await requireSame(filter, store, model, as: name)
            try require((1..<180).contains(count), "\(name): the sample shows nothing with \(count) entries")
        }
        for (name, filter) in vainFilters {
            let count = try await requireSame(filter, store, model, as: name)
            try require(count == 0, "\(name): \(count) entries")
        }
    }

    private static func filter(_ change: (inout AuditFilter) -> Void) -> AuditFilter {
        var filter = AuditFilter()
        change(&filter)
        return filter
    }

    private static var singleFilters: [(String, AuditFilter)] {
        let noon = SampleEntries.start + .seconds(43_200)
        return [
            ("actor", filter { $0.actor = SampleEntries.id(2, 1) }),
            ("action", filter { $0.action = "items.stock-set" }), ("resource", filter { $0.resource = "user" }),
            ("resource id", filter { $0.resourceID = "마법검%3" }),
            ("resource id with a backslash", filter { $0.resourceID = "a\\b" }),
            ("service", filter { $0.service = "items" }), ("success", filter { $0.status = .success }),
            ("failed", filter { $0.status = .failed }), ("blocked", filter { $0.status = .blocked }),
            ("severity 2", filter { $0.severity = .medium }), ("severity 3", filter { $0.severity = .high }),
            ("severity 4", filter { $0.severity = .critical }), ("severity 5", filter { $0.severity = .incident }),
            ("order", filter { $0.correlationID = SampleEntries.id(3, 2) }), ("from", filter { $0.from = noon }),
            ("until", filter { $0.until = noon }), ("security", filter { $0.isSecurity = true }),
        ]
    }

    private static var vainFilters: [(String, AuditFilter)] {
        [
            ("an unknown actor", filter { $0.actor = SampleEntries.id(7, 7) }),
            ("an action in other letters", filter { $0.action = "Items.Stock-Set" }),
            ("part of an action", filter { $0.action = "items" }),
            ("a pattern for a resource id", filter { $0.resourceID = "sword%" }),
            ("an unknown order", filter { $0.correlationID = SampleEntries.id(7, 7) }),
            ("before everything", filter { $0.until = SampleEntries.start }),
            ("security that succeeded", filter { ($0.isSecurity, $0.status) = (true, .success) }),
        ]
    }

    private static func aTextIsLookedForByItsBytes(_ store: any EntryReading) async throws {
        let model = try await filled(store)
        let there = [
            "", "total", "TOTAL", "rabatt", "100% rabatt_a", "[B]", #" \\ (c) "#, "^d$", "e.f*g+h?{i}|j", "%", "_",
            "\\",
            "\\\\", "마법", "검", "품절", "\n", "\n\t[1,\r\n", "  ", #"" :  ""#, "ÄÖÜ", "\u{17F}", "K", "\u{212A}", "k", "ß",
            "İ", "$", "sword",
            "Sword_2", "마법검%3", "a.b", "a\\b", "STOCK-set", "access-refused", "}", ".", "-", "\"", "1", "{}",
        ]
        let notThere = [
            "axb", "100X", "sword.1", "sword%1", "rabatt%a", "x\\b", "äöü", "ẞ", ".*", "[a-z]", "(total)", "^{",
            "법마", "마  법", "ZZZ", "\\x", "\\E", "\\Q", "nobody.here", "\r\r", "\u{1112}\u{1161}\u{11ab}", "마\u{11ab}",
            "total\u{301}", "\u{e9}", "%\u{301}", String(repeating: "a", count: 2000),
        ]
        for (texts, areThere) in [(there, true), (notThere, false)] {
            for text in texts {
                let filter = filter { $0.text = text }
                let count = try await requireSame(filter, store, model, as: "the text '\(text)'")
                try require((count > 0) == areThere, "the text '\(text)' is in \(count) entries")
            }
        }
    }

    /// Longer than what some servers take in a condition.
    private static func aLongTextIsLookedForToItsEnd(_ store: any EntryReading) async throws {
        let model = try await filled(store)
        let long = String(repeating: "Ab_마 ", count: 1500)
        let entries = (181...190).map { place in
            SampleEntries.entry(place) { entry in
                entry.details = Data(#"{"long":"\#(long)\#(place % 2 == 0 ? "%END" : "end")"}"#.utf8)
            }
        }
        try await store.fill(entries)
        try await model.put(entries)
        for (text, count) in [(long + "%end", 5), (long.uppercased() + "END", 5), (long, 10), (long + "_end", 0)] {
            for limit in [3, 1000] {
                let filter = filter { $0.text = text }
                let found = try await requireSame(filter, store, model, limit: limit, as: "a long text")
                try require(found == min(limit, count), "a long text is in \(found) entries")
            }
        }
    }

    private static func fieldsOfAFilterMeanTheSameTogether(_ store: any EntryReading) async throws {
        let model = try await filled(store)
        let random = SeededRandom(seed: 20_260_101)
        var found = 0
        for turn in 0..<150 {
            let some = someFilter(random)
            let first = Int64(random.below(180) + 1)
            let count = try await requireSame(
                some, store, model, in: first...(first + Int64(random.below(180))),
                order: random.chance(50) ? .oldestFirst : .newestFirst, limit: random.below(30) + 1,
                as: "turn \(turn), \(some)")
            if count > 0 { found += 1 }
        }
        try require(found > 30, "only \(found) of 150 filters found anything")
    }

    private static func someFilter(_ random: SeededRandom) -> AuditFilter {
        func one<Value>(_ values: [Value]) -> Value { values[random.below(values.count)] }
        return filter { filter in
            if random.chance(15) { filter.actor = SampleEntries.id(2, Int64(random.below(4))) }
            if random.chance(15) { filter.action = one(SampleEntries.actions) }
            if random.chance(15) { filter.resource = one(["order", "item", "user"]) }
            if random.chance(15) { filter.resourceID = one(SampleEntries.resourceIDs) }
            if random.chance(15) { filter.service = one(["orders", "items", "users"]) }
            if random.chance(20) { filter.status = one([.success, .failed, .blocked]) }
            if random.chance(25) { filter.severity = AuditEntry.Severity(rawValue: Int64(random.below(5) + 1)) }
            if random.chance(15) { filter.correlationID = SampleEntries.id(3, Int64(random.below(5))) }
            if random.chance(25) { filter.from = SampleEntries.start + .seconds(random.below(300_000)) }
            if random.chance(25) { filter.until = SampleEntries.start + .seconds(random.below(400_000)) }
            if random.chance(25) { filter.text = one(["a", "마법", "%", "_", "\\", "Stock", "5000", "{", "\n"]) }
            if random.chance(20) { filter.isSecurity = true }
        }
    }
}
