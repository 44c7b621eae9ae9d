import Audit
import FoundationEssentials
import PurchaseApp
import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaSQL
import TestEngines
import Testing

@Suite struct `Whether somebody keeps the audit trail` {
    @Test func `stands in the database, and since when`() async throws {
        let trail = try await Trail()
        func covered() async throws -> Timestamp? {
            try await trail.database.read { try AuditQueries($0).coveredSince() }
        }
        func note(isKept: Bool) async throws {
            let now = trail.clock.now()
            try await trail.database.write { transaction in
                if isKept {
                    try AuditCoverage.begin(in: transaction, at: now, hash: SHA256Hash())
                } else {
                    try AuditCoverage.end(in: transaction, hash: SHA256Hash())
                }
            }
        }
        #expect(try await covered() == nil)
        try await note(isKept: true)
        let begin = trail.clock.now()
        trail.clock.advance(by: .seconds(60))
        try await note(isKept: true)
        #expect(try await covered() == begin)
        try await note(isKept: false)
        #expect(try await covered() == nil)
        try await note(isKept: true)
        #expect(try await covered() == begin + .seconds(60))
    }

    @Test(.enabled(if: TestEngine.isSQLite)) func `decides whether events wait for it`() async throws {
        let trail = try await Trail()
        let now = trail.clock.now()
        // Nobody else receives it.
        let held = CouponHeld(
            order: .fixture(), couponID: CouponID(UUID()), userCouponID: UserCouponID(UUID()))
        let envelope = try Envelope.seal(held, id: trail.ids.next(), source: "coupons", time: now)
        try await trail.database.write { try SQLSagaStore(trail.database).append([envelope], in: $0) }
        #expect(try await Verifier(trail.database).run().queues.unacknowledged == 0)
        try await trail.database.write { try AuditCoverage.begin(in: $0, at: now, hash: SHA256Hash()) }
        #expect(try await Verifier(trail.database).run().queues.unacknowledged == 1)
    }
}
