import Audit
import AuditContract
import Foundation
import PurchaseApp
import SQLCore
import SagaChoreography
import Testing

@Suite struct `Repairing the trail` {
    private func fed() async throws -> Both {
        let both = try await Both(.init(rest: .both))
        try await both.happen()
        try await both.feeder.flush()
        return both
    }

    private func repair(_ both: Both) async throws -> RepairTrail.Outcome {
        try await RepairTrail(
            both.trail.database, both.store, hash: SHA256Hash(), clock: both.trail.clock, ids: both.trail.ids
        ).run(reason: "found by verify")
    }

    private func findings(_ both: Both) async throws -> [String] {
        let found = try await both.verify()
        return found.log.findings.map { "log: \($0)" } + (found.store?.findings ?? []).map { "store: \($0)" }
    }

    /// Both are whole again, and the repair is an entry of both.
    private func expectWhole(_ both: Both) async throws {
        #expect(try await findings(both) == [])
        try await both.feeder.flush()
        let kept = try await both.store.kept.entries(AuditFilter(), in: 1...100, .oldestFirst, limit: 100)
        #expect(try await kept == both.trail.entries())
        #expect(kept.last?.entry.action == "audit.repaired")
        #expect(try await findings(both) == [])
    }

    private func run(_ sql: StaticString, on both: Both) async throws {
        try await both.trail.database.write { try $0.execute(SQLStatement("\(sql)", values: [])) }
    }

    @Test func `an entry that was changed in the store is named there, and is as it was afterwards`() async throws {
        let both = try await fed()
        var entry = try await both.trail.entries()[6]
        entry.entry.action = "items.nothing"
        try await both.store.kept.replace([entry])
        #expect(try await findings(both) == ["store: entry 7: was changed"])
        #expect(try await repair(both).store == 1)
        try await expectWhole(both)
    }

    @Test func `an entry that was changed so that it fits itself shows at its successor, and is as it was afterwards`()
        async throws
    {
        let both = try await fed()
        var entry = try await both.trail.entries()[9]
        entry.hash = Data(repeating: 1, count: 32)
        try await both.store.kept.replace([entry])
        #expect(try await !findings(both).isEmpty)
        #expect(try await repair(both).store == 1)
        try await expectWhole(both)
    }

    @Test func `entries that were removed from the store are there again afterwards`() async throws {
        let both = try await fed()
        try await both.store.kept.remove(5...6)
        try await both.store.kept.remove(32...33)
        #expect(
            try await findings(both) == [
                "store: entries 5 to 6: removed", "store: entries 32 to 33: removed at the end",
            ])
        #expect(try await repair(both).store == 4)
        try await expectWhole(both)
    }

    @Test func `entries of the store that cannot be read are named, and are as they were afterwards`() async throws {
        let both = try await fed()
        both.store.garble(5, 6, 17, 33)
        #expect(
            try await findings(both) == [
                "store: entries 5 to 6: cannot be read", "store: entry 17: cannot be read",
                "store: entry 33: cannot be read",
            ])
        #expect(try await repair(both).store == 4)
        try await expectWhole(both)
    }

    @Test func `an entry that was put into the store by somebody else is named`() async throws {
        let both = try await fed()
        var entry = try await both.trail.entries()[6]
        (entry.entry.id, entry.sequence) = (both.trail.ids.next(), 34)
        try await both.store.kept.put([entry])
        #expect(try await findings(both) == ["store: entry 34: was inserted"])
    }

    @Test func `what was changed and removed in the log comes back from the store`() async throws {
        let both = try await fed()
        try await run("UPDATE audit_entries SET severity = 1 WHERE sequence = 12", on: both)
        try await run("DELETE FROM audit_entries WHERE sequence IN (3, 4, 33)", on: both)
        #expect(
            try await findings(both) == [
                "log: entries 3 to 4: removed", "log: entry 12: was changed", "log: entry 33: removed at the end",
            ])
        #expect(try await repair(both).log == 4)
        try await expectWhole(both)
    }

    @Test func `what is damaged in both is left alone and said`() async throws {
        let both = try await fed()
        try await run("UPDATE audit_entries SET severity = 1 WHERE sequence = 12", on: both)
        try await both.store.kept.remove(13...13)
        let outcome = try await repair(both)
        #expect((outcome.log, outcome.store) == (0, 0))
        #expect(outcome.hopeless == [11...20])
        #expect(try await findings(both) == ["log: entry 12: was changed", "store: entry 13: removed"])
    }

    @Test func `a log that was rewritten does not fit the heads that the store keeps`() async throws {
        let both = try await fed()
        try await both.trail.database.write { transaction in
            for table in ["audit_entries", "audit_head", "audit_segments", "audit_tallies", "audit_feeds"] {
                try transaction.execute(SQLStatement("DELETE FROM \(table)", values: []))
            }
        }
        let before = try await both.store.kept.entries(AuditFilter(), in: 1...100, .oldestFirst, limit: 100)
        try await both.happen(25)
        let found = try await findings(both)
        #expect(found.contains { $0.hasPrefix("store: ") })
        #expect(try await both.verify().log.isIntact)
        let outcome = try await repair(both)
        #expect((outcome.log, outcome.store) == (0, 0), "nobody can say which is right")
        let after = try await both.store.kept.entries(AuditFilter(), in: 1...100, .oldestFirst, limit: 100)
        #expect(after == before)
    }

    @Test func `while the store is away neither a check nor a repair claims anything`() async throws {
        let both = try await fed()
        both.store.goAway()
        await #expect(throws: SagaFault.unavailable("the store is away")) { try await both.verify() }
        await #expect(throws: SagaFault.unavailable("the store is away")) { try await repair(both) }
    }
}
