import Audit
import FoundationEssentials
import PurchaseApp
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaSQL
import Testing

@Suite struct `Retention` {
    private static let year = Duration.seconds(366 * 86_400)

    /// Three segments of ten: every fifth entry is severe. Then a year passes, and a few more come.
    private func aged(_ action: String = "users.change") async throws -> Trail {
        var policy = AuditPolicy()
        policy.segmentLength = 10
        let trail = try await Trail(policy)
        for number in 1...30 {
            try await trail.write(
                AuditRecord(
                    service: "users", action: action, resource: "user", resourceID: "\(number)", actor: nil,
                    severity: number % 5 == 0 ? .critical : .high))
            try await trail.changes.flush()
        }
        trail.clock.advance(by: Self.year)
        try await trail.write(
            AuditRecord(service: "users", action: "users.change", resource: "user", resourceID: "31", actor: nil))
        try await trail.changes.flush()
        return trail
    }

    private func cleanup(_ trail: Trail, _ retention: AuditRetention = AuditRetention()) -> AuditCleanup {
        AuditCleanup(
            on: trail.database, clock: trail.clock, ids: trail.ids, hash: SHA256Hash(), retention: retention, batch: 3)
    }

    private func verify(_ trail: Trail) async throws -> AuditVerification {
        try await AuditVerifier(hash: SHA256Hash()).run(trail.database)
    }

    private func findings(_ trail: Trail) async throws -> [String] {
        let found = try await verify(trail).findings
        let inOne = try await trail.database.read { try AuditVerifier(hash: SHA256Hash()).examine($0) }.findings
        #expect(found == inOne, "both ways of reading find the same")
        return found.map(\.description)
    }

    @Test func `takes away what is old enough, keeps what is severe longer, and the log still verifies`() async throws {
        let trail = try await aged()
        let outcome = try await cleanup(trail).run()
        #expect((outcome.segments, outcome.entries, outcome.held) == (3, 24, 0))
        let left = try await trail.entries().map(\.sequence)
        #expect(left == [5, 10, 15, 20, 25, 30, 31, 32, 33, 34])
        let verified = try await verify(trail)
        #expect(verified.findings == [])
        #expect((verified.entries, verified.pruned) == (10, 24))
        let cleanups = try await trail.entries().map(\.entry).filter { $0.action == "audit.pruned" }
        #expect(cleanups.map(\.resourceID) == ["1", "2", "3"])

        // Nothing more is due, and nothing more is logged.
        let again = try await cleanup(trail).run()
        #expect(again == AuditCleanup.Outcome())
        // In the end the severe ones go, too; cleanups stay.
        trail.clock.advance(by: Self.year * 2)
        _ = try await cleanup(trail).run()
        #expect(try await findings(trail) == [])
        #expect(try await trail.entries().allSatisfy { $0.sequence > 30 })
    }

    @Test func `says what would go without taking it`() async throws {
        let trail = try await aged()
        let outcome = try await cleanup(trail).run(isDry: true)
        #expect((outcome.segments, outcome.entries) == (3, 24))
        #expect(try await trail.entries().count == 31)
        #expect(try await findings(trail) == [])
    }

    @Test func `goes on where it was left, so many segments a time`() async throws {
        let trail = try await aged()
        let first = try await cleanup(trail).run(limit: 2)
        #expect((first.segments, first.entries, first.next) == (2, 16, 2))
        let second = try await cleanup(trail).run(after: 2, limit: 2)
        #expect((second.segments, second.entries, second.next) == (1, 8, nil))
        let whole = try await cleanup(trail).run(isDry: true, limit: 3)
        #expect((whole.segments, whole.next) == (0, nil))
        #expect(try await findings(trail) == [])
    }

    @Test func `says in its entry who asked for it, from where, and why`() async throws {
        let trail = try await aged()
        let (actor, reason) = (UUID(), #"the "old" ones, "digest":"made up""#)
        let origin = RequestOrigin(role: "admin", ipAddress: "192.0.2.7", userAgent: "curl/8.0")
        _ = try await RequestOrigin.$current.withValue(origin) {
            try await cleanup(trail).run(by: .init(by: actor, reason: reason), limit: 1)
        }
        let entry = try #require(try await trail.entries().map(\.entry).first { $0.action == "audit.pruned" })
        #expect(entry.actor == .init(userID: actor, role: "admin", ipAddress: "192.0.2.7", userAgent: "curl/8.0"))
        struct Details: Decodable { let reason: String }
        #expect(try JSONDecoder().decode(Details.self, from: entry.details).reason == reason)
        #expect(try await findings(trail) == [])
    }

    @Test func `leaves what a hold covers until it is released`() async throws {
        let trail = try await aged()
        let (now, ids) = (trail.clock.now(), trail.ids)
        var filter = AuditFilter()
        (filter.resource, filter.resourceID) = ("user", "7")
        let hold = try await trail.database.write { [filter] transaction in
            try PlaceHold(filter, reason: "asked for by a court", actor: nil)
                .execute(in: SQLStep(transaction: transaction, now: now, ids: ids)).outcome
        }
        #expect(try await trail.database.read { try AuditQueries($0).holds() } == [hold])
        let outcome = try await cleanup(trail).run()
        #expect((outcome.entries, outcome.held) == (23, 1))
        #expect(try await trail.entries().contains { $0.sequence == 7 })
        #expect(try await findings(trail) == [])

        let isReleased = try await trail.database.write { transaction in
            try ReleaseHold(hold.id, reason: "over", actor: nil)
                .execute(in: SQLStep(transaction: transaction, now: now, ids: ids)).outcome
        }
        #expect(isReleased)
        #expect(try await cleanup(trail).run().entries == 1)
        #expect(try await findings(trail) == [])
        try await trail.changes.flush()
        let actions = try await trail.entries().map(\.entry.action)
        #expect(actions.contains("audit.hold-placed") && actions.contains("audit.hold-released"))
    }

    @Test(arguments: [
        ("UPDATE audit_entries SET actor_role = 'admin' WHERE sequence = 10", "entry 10: was changed"),
        ("DELETE FROM audit_entries WHERE sequence = 15", "entry 15: removed"),
        ("UPDATE audit_pruned SET last_hash = (SELECT hash FROM audit_head) WHERE first_sequence = 11", nil),
        ("DELETE FROM audit_pruned WHERE first_sequence = 11", nil),
        ("DELETE FROM audit_entries WHERE action = 'audit.pruned' AND resource_id = '2'", nil),
    ])
    func `hides nothing that was done to the log`(change: String, finding: String?) async throws {
        let trail = try await aged()
        _ = try await cleanup(trail).run()
        try await trail.database.write { try $0.execute(SQLStatement(change)) }
        let found = try await findings(trail)
        #expect(!found.isEmpty)
        if let finding { #expect(found.first == finding) }
    }

    @Test func `made up by somebody who removed an entry is named`() async throws {
        let trail = try await aged()
        try await trail.database.write { transaction in
            try transaction.script(
                """
                INSERT INTO audit_pruned (first_sequence, last_sequence, segment, last_hash)
                    SELECT sequence, sequence, 2, hash FROM audit_entries WHERE sequence = 14;
                DELETE FROM audit_entries WHERE sequence = 14;
                """)
        }
        #expect(try await findings(trail) == ["entry 14: removed, by no cleanup that the log knows"])
        // Nor does the next cleanup make it good.
        let outcome = try await cleanup(trail).run()
        #expect(outcome.damaged == [2])
        #expect(try await findings(trail).contains("entry 14: removed, by no cleanup that the log knows"))
    }

    @Test func `that ended half way verifies, and is finished by the next`() async throws {
        let trail = try await aged()
        try await trail.database.write {
            try $0.script("CREATE TABLE kept AS SELECT * FROM audit_entries WHERE sequence = 9")
        }
        _ = try await cleanup(trail).run()
        // As if the process had ended before it deleted the last of them.
        try await trail.database.write {
            try $0.script("INSERT INTO audit_entries SELECT * FROM kept; DROP TABLE kept")
        }
        #expect(try await findings(trail) == [])
        _ = try await cleanup(trail).run()
        #expect(try await !trail.entries().contains { $0.sequence == 9 })
        #expect(try await findings(trail) == [])
    }

    @Test func `leaves numbers of what it took`() async throws {
        let trail = try await aged()
        let now = trail.clock.now() + .seconds(1)
        let from = now + (.zero - Self.year * 2)
        let before = try await trail.reader.statistics(from: from, until: now)
        _ = try await cleanup(trail).run()
        let after = try await trail.reader.statistics(from: from, until: now)
        #expect((before.total, after.total) == (31, 34))
        #expect(after.severe == 6)
    }

    @Test func `leaves heads that were kept elsewhere true, and a log that was made anew is not`() async throws {
        let trail = try await aged()
        let kept = try await trail.database.read { try AuditQueries($0).heads() }
        #expect(kept.map(\.sequence) == [10, 20, 30, 31])
        #expect(kept.compactMap { KeptHead(line: $0.line) } == kept)
        #expect(KeptHead(line: "7 ab") == nil)
        func findings() async throws -> [String] {
            try await trail.database.read { try AuditQueries($0).findings(against: kept) }.map(\.description)
        }
        _ = try await cleanup(trail).run()
        #expect(try await findings() == [])

        // Another log in the place of the first: it fits itself.
        let other = try await aged("users.other")
        let forged = try await other.database.read { try AuditQueries($0).findings(against: kept) }
        #expect(forged.map(\.kind) == Array(repeating: .rewritten, count: 4))
        let short = try await Trail()
        let none = try await short.database.read { try AuditQueries($0).findings(against: kept) }
        #expect(none.map(\.kind) == Array(repeating: .truncated, count: 4))
    }
}
