import Audit
import AuditContract
import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

/// What `AUDIT_STORAGE_TYPE` may be; `sqlite` and `postgresql` are the log alone, on the engine of this run.
enum Storage: String, CaseIterable {
    case own
    case mongodb
    case dual
    case routed

    var placement: AuditPlacement {
        switch self {
        case .own: AuditPlacement(rest: .log)
        case .mongodb: AuditPlacement(rest: .store)
        case .dual: AuditPlacement(rest: .both)
        case .routed: .routed
        }
    }
}

@Suite struct `A trail of every kind of storage` {
    @Test(arguments: Storage.allCases, AuditReader.Primary.allCases)
    func `answers as the contract says`(storage: Storage, primary: AuditReader.Primary) async throws {
        for asked in EntryReadingContract.cases {
            let trail = try await WholeTrail(storage.placement, answeredBy: primary)
            do { try await asked.check(trail) } catch { Issue.record(error, "\(asked.sentence)") }
            #expect(try await trail.both.verify().isIntact, "\(asked.sentence)")
        }
    }

    private func filter(_ change: (inout AuditFilter) -> Void) -> AuditFilter {
        var filter = AuditFilter()
        change(&filter)
        return filter
    }

    @Test(arguments: Storage.allCases)
    func `counts what happened in a period`(storage: Storage) async throws {
        let (trail, model) = (try await WholeTrail(storage.placement), MemoryEntryStore())
        let entries = SampleEntries.varied(1...180)
        try await trail.fill(entries)
        try await model.put(entries)
        for (from, until) in [(0, 90), (1, 2), (24, 48), (30, 30), (89, 1000)] {
            let period = (SampleEntries.hour(from), SampleEntries.hour(until))
            let counted = try await trail.both.reader().statistics(from: period.0, until: period.1)
            let expected = try await model.tallies(in: 1...1000, from: period.0, until: period.1)
            #expect(counted.total == expected.reduce(0) { $0 + $1.count })
            let actions = Dictionary(expected.map { ($0.action, $0.count) }, uniquingKeysWith: +)
            #expect(Dictionary(counted.actions.map { ($0.action, $0.count) }, uniquingKeysWith: +) == actions)
        }
    }

    @Test(arguments: Storage.allCases)
    func `has once what comes twice, also after the store was away`(storage: Storage) async throws {
        let trail = try await WholeTrail(storage.placement)
        let envelopes = try trail.both.trail.happen((0..<30).map { _ in OrderCreated(order: .fixture()) })
        let recorder = trail.both.trail.recorder()
        trail.both.store.goAway()
        try await recorder.flush()
        trail.both.trail.events.add(envelopes)
        try await recorder.flush()
        trail.both.store.comeBack()
        if storage.placement.feedsAnything { try await trail.both.feeder.flush() }
        trail.both.trail.events.add(envelopes)
        try await recorder.flush()
        try await trail.settle()
        let found = try await trail.entries(AuditFilter(), in: 1...1000, .oldestFirst, limit: 1000)
        #expect(found.map(\.entry.id) == envelopes.map(\.id))
        #expect(try await trail.both.verify().isIntact)
    }

    @Test func `becomes one of every other kind and back, and answers the same`() async throws {
        var trail = try await WholeTrail(Storage.own.placement)
        let model = MemoryEntryStore()
        var (next, pairs): (Int64, [(Storage, Storage)]) = (1, [])
        for from in Storage.allCases { for to in Storage.allCases where to != from { pairs.append((from, to)) } }
        for storage in pairs.flatMap({ [$0.0, $0.1] }) {
            trail = trail.becoming(storage.placement)
            let entries = SampleEntries.varied(next...(next + 14))
            next += 15
            try await trail.fill(entries)
            try await model.put(entries)
            for filter in [AuditFilter(), filter { $0.isSecurity = true }, filter { $0.severity = .critical }] {
                let found = try await trail.entries(filter, in: 1...Int64.max, .newestFirst, limit: 7)
                let expected = try await model.entries(filter, in: 1...Int64.max, .newestFirst, limit: 7)
                #expect(found == expected, "\(storage)")
                let all = try await trail.entries(filter, in: 1...Int64.max, .oldestFirst, limit: 1000)
                let everything = try await model.entries(filter, in: 1...Int64.max, .oldestFirst, limit: 1000)
                #expect(all == everything, "\(storage)")
            }
            #expect(try await trail.both.verify().isIntact, "\(storage)")
        }
    }
}
