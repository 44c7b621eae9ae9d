import FoundationEssentials
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Synchronization
import Testing

@testable import Coupons

/// Users as a list in memory, ascending by id.
private final class Directory: UserDirectory {
    private struct Entry {
        let id: UserID
        let createdAt: Timestamp
    }

    private let entries = Mutex<[Entry]>([])

    var all: [UserID] { entries.withLock { $0.map(\.id) } }

    func add(_ count: Int, at time: Timestamp) {
        entries.withLock { entries in
            for _ in 0..<count { entries.append(Entry(id: UserID(UUID()), createdAt: time)) }
            entries.sort { $0.id < $1.id }
        }
    }

    func remove(_ user: UserID) { entries.withLock { $0.removeAll { $0.id == user } } }

    func activeUsers(after last: UserID?, createdUntil time: Timestamp, limit: Int) async throws -> [UserID] {
        entries.withLock { entries in
            let behind = entries.filter { entry in last.map { $0 < entry.id } ?? true }
            return Array(behind.filter { $0.createdAt <= time }.prefix(limit).map(\.id))
        }
    }

    func activeUserCount(createdUntil time: Timestamp) async throws -> Int64 {
        Int64(entries.withLock { entries in entries.count { $0.createdAt <= time } })
    }
}

/// Once armed, fails at every third place: before and after commits alike.
private final class Stumbling: Probe {
    private let state = Mutex<(isArmed: Bool, count: Int)>((false, 0))

    func arm() { state.withLock { $0.isArmed = true } }

    func reach(_ point: ProbePoint) throws {
        let stumbles = state.withLock { state in
            guard state.isArmed else { return false }
            state.count += 1
            return state.count % 3 == 0
        }
        if stumbles { throw SagaFault.unavailable("crash at \(point.rawValue)") }
    }
}

@Suite struct IssueToEveryoneTests {
    private func job(_ id: IssueJobID, of coupon: CouponID, _ coupons: ParticipantHarness) async throws -> IssueJob {
        try #require(try await coupons.read { try CouponQueries($0).issueJob(id, of: coupon) })
    }

    private func owners(of coupon: CouponID, _ coupons: ParticipantHarness) async throws -> [UserID] {
        try await coupons.read {
            try $0.rows("SELECT user_id FROM coupons_user_coupons WHERE coupon_id = \(coupon) ORDER BY user_id").map {
                UserID(try $0.uuid("user_id"))
            }
        }
    }

    /// Polls until the worker is idle; after a crash another one goes on, which knows nothing.
    ///
    /// - Returns: how often it crashed.
    private func work(_ coupons: ParticipantHarness, _ directory: Directory, batch: Int = 7) async throws -> Int {
        var crashes = 0
        for _ in 0..<1000 {
            do {
                let worker = IssueWorker(coupons.context, directory: directory, batch: batch)
                if case .idle = try await worker.poll() { return crashes }
            } catch is SagaFault {
                crashes += 1
            }
        }
        Issue.record("the worker never rests")
        return crashes
    }

    @Test func `everyone gets one copy, who has one already is counted, and each batch is one event`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let directory = Directory()
            directory.add(20, at: coupons.clock.now())
            for user in [directory.all[0], directory.all[9]] { _ = try await coupons.issue(coupon, to: user) }
            let started = try await coupons.run(IssueToEveryone(coupon: coupon, actor: boss)).outcome
            #expect(started.state == .running && started.total == nil)
            _ = coupons.takeEmitted()
            #expect(try await work(coupons, directory) == 0)
            let events = coupons.takeEmitted()
            #expect(events.map(\.type) == [CouponIssued.type, CouponIssued.type, CouponIssued.type])
            #expect(try events.flatMap { try $0.decode(CouponIssued.self).copies }.count == 18)
            let ended = try await job(started.id, of: coupon, coupons)
            #expect(ended.state == .completed && ended.total == 20)
            #expect(ended.issued == 18 && ended.alreadyClaimed == 2 && ended.endedAt != nil)
            #expect(try await owners(of: coupon, coupons) == directory.all)
        }
    }

    @Test func `crashes before and after commits serve nobody twice and leave nobody out`() async throws {
        let probe = Stumbling()
        try await withParticipant(
            CouponsParticipant.make(), migrations: CouponsMigrations.sqlite, probe: probe
        ) { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 1000))
            let directory = Directory()
            directory.add(100, at: coupons.clock.now())
            let started = try await coupons.run(IssueToEveryone(coupon: coupon, actor: boss)).outcome
            probe.arm()
            #expect(try await work(coupons, directory) > 5)
            let ended = try await job(started.id, of: coupon, coupons)
            #expect(ended.state == .completed && ended.issued == 100 && ended.alreadyClaimed == 0)
            #expect(try await owners(of: coupon, coupons) == directory.all)
            #expect(try await coupons.issued(coupon) == 100)
            #expect(try await coupons.violations().isEmpty)
        }
    }

    @Test func `a coupon that runs out ends the job, to the copy`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 10))
            let directory = Directory()
            directory.add(25, at: coupons.clock.now())
            _ = try await coupons.issue(coupon, to: directory.all[8])
            let started = try await coupons.run(IssueToEveryone(coupon: coupon, actor: boss)).outcome
            _ = try await work(coupons, directory)
            let ended = try await job(started.id, of: coupon, coupons)
            #expect(ended.state == .outOfStock && ended.issued == 9 && ended.alreadyClaimed == 1)
            #expect(try await owners(of: coupon, coupons) == Array(directory.all.prefix(10)))
            await #expect(throws: CouponsRefusal(.couponOutOfStock)) {
                try await coupons.run(IssueToEveryone(coupon: coupon, actor: boss))
            }
        }
    }

    @Test func `who registers meanwhile is not everyone, and who leaves before his turn gets nothing`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let directory = Directory()
            directory.add(10, at: coupons.clock.now())
            let before = directory.all
            let started = try await coupons.run(IssueToEveryone(coupon: coupon, actor: boss)).outcome
            _ = try await IssueWorker(coupons.context, directory: directory, batch: 4).poll()
            coupons.clock.advance(by: .milliseconds(1))
            directory.add(10, at: coupons.clock.now())
            directory.remove(before[7])
            _ = try await work(coupons, directory)
            #expect(try await job(started.id, of: coupon, coupons).issued == 9)
            #expect(try await owners(of: coupon, coupons) == before.filter { $0 != before[7] })
        }
    }

    @Test func `claims meanwhile take from the same number, and nobody gets two`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add(.fixture(quantity: 20))
            let directory = Directory()
            directory.add(30, at: coupons.clock.now())
            let started = try await coupons.run(IssueToEveryone(coupon: coupon, actor: boss)).outcome
            var claimed = 0
            for user in directory.all.reversed().prefix(15) {
                _ = try await IssueWorker(coupons.context, directory: directory, batch: 2).poll()
                do {
                    _ = try await coupons.run(ClaimCoupon(.coupon(coupon), user: user))
                    claimed += 1
                } catch CouponsRefusal.refused(let refusal) {
                    #expect(refusal.code == .couponOutOfStock || refusal.code == .couponAlreadyClaimed)
                }
            }
            _ = try await work(coupons, directory)
            let ended = try await job(started.id, of: coupon, coupons)
            #expect(ended.state == .outOfStock && ended.issued + Int64(claimed) == 20)
            #expect(try await coupons.issued(coupon) == 20)
            #expect(try await owners(of: coupon, coupons).count == 20)
        }
    }

    @Test func `a coupon that is switched off stops the job, which says why`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let directory = Directory()
            directory.add(10, at: coupons.clock.now())
            let started = try await coupons.run(IssueToEveryone(coupon: coupon, actor: boss)).outcome
            _ = try await IssueWorker(coupons.context, directory: directory, batch: 4).poll()
            try await coupons.run(SetCouponActive(coupon: coupon, isActive: false, actor: boss))
            _ = try await work(coupons, directory)
            let ended = try await job(started.id, of: coupon, coupons)
            #expect(ended.state == .stopped && ended.refusal == .couponInactive && ended.issued == 4)
            await #expect(throws: CouponsRefusal(.couponInactive)) {
                try await coupons.run(IssueToEveryone(coupon: coupon, actor: boss))
            }
        }
    }

    @Test func `asked twice it is one job; two coupons are two; nobody at all is done at once`() async throws {
        try await withCoupons { coupons in
            let first = try await coupons.add()
            let second = try await coupons.add(.fixture(code: nil))
            let jobs = [
                try await coupons.run(IssueToEveryone(coupon: first, actor: boss)).outcome.id,
                try await coupons.run(IssueToEveryone(coupon: first, actor: boss)).outcome.id,
                try await coupons.run(IssueToEveryone(coupon: second, actor: boss)).outcome.id,
            ]
            #expect(jobs[0] == jobs[1] && jobs[1] != jobs[2])
            _ = try await work(coupons, Directory())
            #expect(try await job(jobs[0], of: first, coupons).state == .completed)
            #expect(try await job(jobs[2], of: second, coupons).total == 0)
            // A job of another coupon is not this one's.
            #expect(try await coupons.read { try CouponQueries($0).issueJob(jobs[0], of: second) } == nil)
        }
    }

    @Test func `a batch that another process did already does nothing`() async throws {
        try await withCoupons { coupons in
            let coupon = try await coupons.add()
            let job = try await coupons.run(IssueToEveryone(coupon: coupon, actor: boss)).outcome
            let users = (0..<5).map { _ in UserID(UUID()) }.sorted()
            try await coupons.run(IssueBatch(job: job, users: users))
            #expect(try await coupons.run(IssueBatch(job: job, users: users)).types.isEmpty)
            #expect(try await self.job(job.id, of: coupon, coupons).alreadyClaimed == 0)
            #expect(try await coupons.issued(coupon) == 5)
        }
    }
}
