import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Users

@Suite struct `Access to accounts` {
    @Test(arguments: [(0, 0), (4, 0), (5, 2), (6, 4), (8, 16), (20, 900), (1_000_000, 900)] as [(Int64, Int64)])
    func `five failures are free, then each doubles the pause up to a quarter of an hour`(
        failures: Int64, seconds: Int64
    ) {
        #expect(LoginThrottle.pause(after: failures) == .seconds(seconds))
    }

    @Test func `failures are counted by name and by address, and a login clears the name's`() async throws {
        try await withUsers { users, buyer in
            let name = LoginSubject(digest: "name:x")
            let address = LoginSubject(digest: "address:y")
            for _ in 0..<5 { _ = try await users.run(RecordLogin(.failed(buyer), name: name, address: address)) }
            let blocked = try await users.read { try AccessQueries($0).blockedUntil([name]) }
            #expect(blocked == users.clock.now() + .seconds(2))
            _ = try await users.run(RecordLogin(.succeeded(buyer), name: name, address: address))
            #expect(try await users.read { try AccessQueries($0).blockedUntil([name]) } == nil)
            #expect(try await users.read { try AccessQueries($0).blockedUntil([address]) } != nil)
            #expect(try await users.audits("users.login-failed") == 5)
        }
    }

    @Test func `what no longer counts is removed`() async throws {
        try await withUsers { users, buyer in
            let name = LoginSubject(digest: "name:x")
            _ = try await users.run(RecordLogin(.failed(nil), name: name, address: nil))
            _ = try await users.run(RevokeToken(UUID(), of: buyer, endingAt: users.clock.now() + .seconds(60)))
            #expect(try await users.run(PruneAccess(limit: 10)).outcome == 0)
            users.clock.advance(by: .seconds(1000))
            #expect(try await users.run(PruneAccess(limit: 10)).outcome == 2)
        }
    }

    @Test func `a password change needs the hash that was checked, and raises the epoch`() async throws {
        try await withUsers { users, _ in
            let hash = String(repeating: "h", count: 30)
            let id = try await users.run(RegisterUser(name: "mina", passwordHash: hash)).outcome
            let next = String(repeating: "n", count: 30)
            await #expect(throws: UserRefusal.wrongCredentials) {
                try await users.run(ChangePassword(of: id, to: next, replacing: "other"))
            }
            #expect(try await users.run(ChangePassword(of: id, to: next, replacing: hash)).outcome == 1)
            let login = try await users.read { try AccessQueries($0).login(of: id) }
            #expect(login?.passwordHash == next && login?.user.epoch == 1)
        }
    }

    @Test func `the last administrator stays one, and nobody takes his own rights`() async throws {
        try await withUsers { users, _ in
            let admins = try await users.read { try UserQueries($0).users(.init(role: .admin), before: nil, limit: 9) }
            #expect(admins.isEmpty)
            let first = try await users.run(CreateUser(name: "first", roles: [.admin])).outcome
            let second = try await users.run(CreateUser(name: "second", roles: [.admin])).outcome
            await #expect(throws: UserRefusal.ownRights) {
                try await users.run(ChangeUser(first, .init(roles: [.user]), actor: first))
            }
            _ = try await users.run(ChangeUser(second, .init(isActive: false), actor: first))
            await #expect(throws: UserRefusal.lastAdmin) {
                try await users.run(ChangeUser(first, .init(roles: []), actor: second))
            }
            #expect(try await users.audits("users.changed") == 1)
        }
    }

    @Test func `a change that changes nothing is not audited and ends no token`() async throws {
        try await withUsers { users, buyer in
            let user = try await users.run(ChangeUser(buyer, .init(isActive: true), actor: buyer)).outcome
            #expect(user.epoch == 0)
            #expect(try await users.audits("users.changed") == 0)
        }
    }
}
