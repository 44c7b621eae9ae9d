import Audit
import AuditContract
import FoundationEssentials
import PurchaseApp
import SagaChoreography
import SagaSQL
import Testing

@Suite struct `A store beside the log` {
    @Test func `gets everything once and in order, with the heads of segments`() async throws {
        let both = try await Both(.init(rest: .both))
        try await both.happen()
        try await both.feeder.flush()
        let kept = try await both.store.kept.entries(AuditFilter(), in: 1...100, .oldestFirst, limit: 100)
        #expect(try await kept == both.trail.entries())
        #expect(try await both.store.kept.heads().map(\.sequence) == [10, 20, 30])
        let verified = try await both.verify()
        #expect(verified.isIntact)
        #expect(verified.store?.entries == 33)
    }

    @Test func `that is away holds up nobody, and catches up by itself`() async throws {
        let both = try await Both(.init(rest: .both))
        both.store.goAway()
        try await both.happen()
        await #expect(throws: SagaFault.unavailable("the store is away")) { try await both.feeder.poll() }
        #expect(try await both.trail.entries().count == 33)
        both.store.loseAnswers()
        both.store.comeBack()
        both.store.loseAnswers()
        await #expect(throws: SagaFault.unavailable("the answer is lost")) { try await both.feeder.poll() }
        both.store.comeBack()
        try await both.feeder.flush()
        let kept = try await both.store.kept.entries(AuditFilter(), in: 1...100, .oldestFirst, limit: 100)
        #expect(try await kept == both.trail.entries())
        #expect(try await both.verify().isIntact)
    }

    @Test func `that is slow gets fewer at once, and has everything in the end`() async throws {
        let trail = try await WholeTrail(.init(rest: .log))
        try await trail.fill(SampleEntries.varied(1...1500))
        let both = trail.becoming(.init(rest: .both)).both
        let feeder = StoreFeeder(
            from: both.trail.database, to: both.store, placement: both.placement, hash: SHA256Hash(),
            clock: both.trail.clock)
        _ = try await feeder.poll()
        _ = try await feeder.poll()
        both.store.slowDown(to: 120)
        var failures = 0
        while true {
            do { if try await feeder.poll() != .worked { break } } catch SagaFault.unavailable { failures += 1 }
        }
        #expect((1..<20).contains(failures))
        let kept = try await both.store.kept.entries(AuditFilter(), in: 1...2000, .oldestFirst, limit: 2000)
        #expect(try await kept == both.trail.entries())
    }

    @Test func `gives the same answers as the log, and the log answers while it is away`() async throws {
        let both = try await Both(.init(rest: .both))
        try await both.happen()
        try await both.feeder.flush()
        try await both.happen(3)
        var security = AuditFilter()
        security.isSecurity = true
        for filter in [AuditFilter(), security] {
            let logged = try await both.read(filter, by: both.reader(.log))
            #expect(try await both.read(filter, by: both.reader(.store)) == logged)
            #expect(!logged.isEmpty)
        }
        both.store.goAway()
        #expect(try await both.read(by: both.reader(.store)).count == 36)
    }

    @Test func `that has entries alone relieves the log of full segments, an hour later`() async throws {
        let both = try await Both(.init(rest: .store))
        try await both.happen()
        let before = try await both.read(by: both.reader())
        let begin = Timestamp(milliseconds: 0)
        let end = both.trail.clock.now() + .seconds(1)
        let numbers = try await both.reader().statistics(from: begin, until: end)
        let edge = try await both.reader().statistics(from: begin, until: end + .seconds(-16)).total
        try await both.feeder.flush()
        #expect(try await both.relief.poll() != .worked)
        try await both.relieve()
        #expect(try await both.trail.entries().map(\.sequence) == [31, 32, 33])
        #expect(try await both.read(by: both.reader()) == before)
        let after = try await both.reader().statistics(from: begin, until: end)
        #expect((after.total, after.severe, after.actions) == (numbers.total, numbers.severe, numbers.actions))
        #expect(try await both.reader().statistics(from: begin, until: end + .seconds(-16)).total == edge)
        let verified = try await both.verify()
        #expect(verified.isIntact)
        #expect((verified.log.entries, verified.store?.entries) == (33, 33))
        #expect(try await both.trail.database.read { try AuditVerifier(hash: SHA256Hash()).examine($0) }.isIntact)
        both.store.goAway()
        await #expect(throws: SagaFault.unavailable("the store is away")) { try await both.read(by: both.reader()) }
    }

    @Test func `is checked also where it has everything alone`() async throws {
        let both = try await Both(.init(rest: .store))
        try await both.happen(20)
        try await both.feeder.flush()
        try await both.relieve()
        #expect(try await both.trail.entries().isEmpty)
        #expect(try await both.verify().isIntact)
        try await both.store.kept.remove(20...20)
        let found = try await both.verify()
        #expect(found.log.findings == [], "it is the store's")
        #expect(found.store?.findings.map(\.description) == ["entry 20: removed at the end"])
    }

    @Test func `is given nothing up for that it has not, or has otherwise`() async throws {
        let both = try await Both(.init(rest: .store))
        try await both.happen(10)
        try await both.feeder.flush()
        try await both.store.kept.remove(3...3)
        var forged = try await both.trail.entries()[4]
        forged.hash = Data(repeating: 7, count: 32)
        var altered = try await both.trail.entries()[7]
        altered.entry.details = Data(#"{"altered":true}"#.utf8)
        try await both.store.kept.replace([forged, altered])
        try await both.relieve()
        #expect(try await both.trail.entries().map(\.sequence) == [3, 5, 8])
    }

    @Test func `shares entries with the log by rules`() async throws {
        let both = try await Both(.routed)
        try await both.happen()
        try await both.feeder.flush()
        let before = try await both.trail.entries().map(\.sequence)
        try await both.relieve()
        let kept = try await both.store.kept.entries(AuditFilter(), in: 1...100, .oldestFirst, limit: 100)
        // Failed logins are the log's alone unless they are critical, and then both have them.
        #expect(kept.map(\.sequence) == before.filter { $0 % 5 != 0 || $0 % 4 == 0 })
        #expect(
            try await both.trail.entries().map(\.sequence)
                == before.filter { $0 % 5 == 0 || $0 % 4 == 0 || $0 > 30 })
        #expect(try await both.read(by: both.reader()) == before.reversed())
        #expect(try await both.verify().isIntact)
    }

    @Test func `may be used, left and used again on the same trail`() async throws {
        var both = try await Both(.init(rest: .log))
        for (round, rest) in [AuditPlaces.log, .both, .store, .log, .both].enumerated() {
            both.placement = AuditPlacement(rest: rest)
            try await both.happen(12)
            if both.placement.feedsAnything { try await both.feeder.flush() }
            if both.placement.movesAnything { try await both.relieve() }
            let all = Array(1...Int64(12 * (round + 1)))
            #expect(try await both.read(by: both.reader()) == all.reversed())
            #expect(try await both.read(by: both.reader(.store)) == all.reversed())
            #expect(try await both.verify().isIntact)
        }
    }

    @Test func `forgets also when nothing new belongs to it any more, and cleanups go on after they were relieved`()
        async throws
    {
        var both = try await Both(.init(rest: .store))
        try await both.happen(20)
        try await both.feeder.flush()
        try await both.relieve()
        both.trail.clock.advance(by: .seconds(366 * 86_400))
        let cleanup = AuditCleanup(
            on: both.trail.database, store: both.store, clock: both.trail.clock, ids: both.trail.ids,
            hash: SHA256Hash(), retention: AuditRetention())
        #expect(try await cleanup.run().entries == 15)
        try await both.happen(20)
        try await both.feeder.flush()
        try await both.relieve()
        both.placement = AuditPlacement(rest: .log)
        both.trail.clock.advance(by: .seconds(1100 * 86_400))
        let second = try await cleanup.run()
        #expect(second.damaged == [])
        #expect(second.entries == 5 + 18, "the severe ones, and what came since, save for the two cleanups")
        try await both.feeder.flush()
        let kept = try await both.store.kept.entries(AuditFilter(), in: 1...100, .oldestFirst, limit: 100)
        #expect(kept.filter { $0.sequence <= 40 }.allSatisfy { $0.entry.action == "audit.pruned" })
        let verified = try await both.verify()
        #expect(verified.log.findings == [])
        #expect(verified.store?.findings == [])
        #expect(try await both.trail.database.read { try AuditVerifier(hash: SHA256Hash()).examine($0) }.isIntact)
    }

    @Test func `is not needed any more once retention took what it had alone`() async throws {
        let both = try await Both(.init(rest: .store))
        try await both.happen(33)
        try await both.feeder.flush()
        try await both.relieve()
        await #expect(throws: SagaFault.self) { try await both.read(by: both.trail.reader) }
        both.trail.clock.advance(by: .seconds(366 * 86_400))
        let cleanup = { (store: UnsteadyStore?) in
            AuditCleanup(
                on: both.trail.database, store: store, clock: both.trail.clock, ids: both.trail.ids,
                hash: SHA256Hash(), retention: AuditRetention())
        }
        #expect(try await cleanup(both.store).run().entries == 23)
        await #expect(throws: SagaFault.self, "every fourth is kept for longer") {
            try await both.read(by: both.trail.reader)
        }
        both.trail.clock.advance(by: .seconds(1100 * 86_400))
        #expect(try await cleanup(both.store).run().damaged == [])
        let left = try await both.trail.entries().map(\.sequence)
        #expect(try await both.read(by: both.trail.reader) == left.reversed())
        #expect(try await both.verify().isIntact)
        #expect(try await AuditVerifier(hash: SHA256Hash()).all(both.trail.database, store: nil).isIntact)
    }

    @Test func `does not forget what no cleanup explains`() async throws {
        let both = try await Both(.init(rest: .both))
        try await both.happen(20)
        try await both.feeder.flush()
        let hash = Data(repeating: 0, count: 32)
        try await both.trail.database.write { transaction in
            try transaction.execute(
                """
                INSERT INTO audit_pruned (first_sequence, last_sequence, segment, last_hash) VALUES (3, 5, 1, \(hash))
                """)
        }
        try await both.feeder.flush()
        #expect(try await both.store.kept.entries(AuditFilter(), in: 1...10, .oldestFirst, limit: 100).count == 10)
    }

    @Test func `forgets what retention took away, and both verify`() async throws {
        for rest in [AuditPlaces.both, .store] {
            let both = try await Both(.init(rest: rest))
            try await both.happen()
            try await both.feeder.flush()
            if rest == .store { try await both.relieve() }
            both.trail.clock.advance(by: .seconds(366 * 86_400))
            let cleanup = AuditCleanup(
                on: both.trail.database, store: both.store, clock: both.trail.clock, ids: both.trail.ids,
                hash: SHA256Hash(), retention: AuditRetention())
            #expect(try await cleanup.run().entries == 23)
            try await both.feeder.flush()
            let kept = try await both.store.kept.entries(AuditFilter(), in: 1...100, .oldestFirst, limit: 100)
            #expect(kept.map(\.sequence) == [4, 8, 12, 16, 20, 24, 28, 31, 32, 33, 34, 35, 36])
            let verified = try await both.verify()
            #expect(verified.log.findings == [])
            #expect(verified.store?.findings == [])
        }
    }
}
