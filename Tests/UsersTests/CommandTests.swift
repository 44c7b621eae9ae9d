import FoundationEssentials
import PurchaseContracts
import PurchaseFixtures
import SagaChoreography
import SagaTesting
import Testing

@testable import Users

@Suite struct CommandTests {
    @Test func `a new user has an empty wallet and what was asked for, and is audited`() async throws {
        try await withUsers { users, _ in
            let id = UserID(UUID())
            let roles: Set<Role> = [.admin, .inventoryManager]
            let created = try await users.run(CreateUser(id: id, name: "김 관리", roles: roles, slotCapacity: 3))
            #expect(created.outcome == id)
            #expect(created.types.isEmpty)
            let user = try await users.read { try UserQueries($0).user(named: "김 관리") }
            #expect(user?.id == id)
            #expect(user?.roles == roles)
            #expect(user?.isActive == true)
            #expect(user?.slotCapacity == 3)
            #expect(try await users.balance(of: id)?.deposited == .zero)
            #expect(try await users.audits("users.created") == 2)
        }
    }

    @Test func `names and ids are unique`() async throws {
        try await withUsers { users, buyer in
            await #expect(throws: UserRefusal.nameTaken) { try await users.run(CreateUser(name: "buyer")) }
            await #expect(throws: UserRefusal.idTaken) { try await users.run(CreateUser(id: buyer, name: "twin")) }
            let twin = try await users.read { try UserQueries($0).user(named: "twin") }
            #expect(twin == nil)
        }
    }

    @Test(arguments: ["", "   ", "a\u{0}b", "line\nbreak", String(repeating: "가", count: 34)])
    func `a name must be short, visible and without control characters`(_ name: String) async throws {
        try await withUsers { users, _ in
            await #expect(throws: UserRefusal.invalidName) { try await users.run(CreateUser(name: name)) }
        }
    }

    @Test func `a slot capacity is not negative`() async throws {
        try await withUsers { users, _ in
            await #expect(throws: UserRefusal.invalidSlotCapacity) {
                try await users.run(CreateUser(name: "x", slotCapacity: -1))
            }
        }
    }

    @Test func `ensuring a user twice changes nothing the second time`() async throws {
        try await withUsers { users, buyer in
            let again = try await users.run(
                EnsureUser(name: "buyer", roles: [.admin], balance: Money(1), slotCapacity: 1))
            #expect(again.outcome == EnsureUser.Outcome(id: buyer, isNew: false))
            #expect(try await users.balance(of: buyer)?.deposited == Money(10_000))
            let user = try await users.read { try UserQueries($0).user(buyer) }
            #expect(user?.roles == [.user])
            #expect(user?.slotCapacity == 7)
        }
    }

    @Test func `a deposit is on the statement and in the audit`() async throws {
        try await withUsers { users, buyer in
            let admin = UserID(UUID())
            let receipt = try await users.run(
                Deposit(user: buyer, amount: Money(250), reason: "gift", actor: admin)
            ).outcome
            #expect(receipt.available == Money(10_250))
            #expect(!receipt.isRepeat)
            let entry = try await users.statement(of: buyer).first
            #expect(entry?.id == receipt.entryID)
            #expect(entry?.kind == .deposit)
            #expect(entry?.balanceAfter == Money(10_250))
            #expect(entry?.reason == "gift")
            #expect(try await users.audits("users.deposit") == 2)
            let actor = try await users.read { transaction in
                try transaction.first(
                    "SELECT actor FROM saga_audit WHERE action = 'users.deposit' AND actor IS NOT NULL")?.uuid("actor")
            }
            #expect(actor == admin.uuid)
        }
    }

    @Test func `a key pays in once and is not taken for another deposit`() async throws {
        try await withUsers { users, buyer in
            let deposit = Deposit(user: buyer, amount: Money(250), reason: "gift", key: "k1")
            let first = try await users.run(deposit).outcome
            try await users.run(Deposit(user: buyer, amount: Money(1), reason: "other", key: "k2"))
            let again = try await users.run(deposit).outcome
            #expect(again.isRepeat)
            #expect(again.entryID == first.entryID)
            #expect(again.available == Money(10_250))
            #expect(try await users.balance(of: buyer)?.available == Money(10_251))
            await #expect(throws: UserRefusal.keyReused) {
                try await users.run(Deposit(user: buyer, amount: Money(251), reason: "gift", key: "k1"))
            }
            await #expect(throws: UserRefusal.keyReused) {
                try await users.run(Deposit(user: buyer, amount: Money(250), reason: "another", key: "k1"))
            }
        }
    }

    @Test(arguments: [0, -1, Int64.min])
    func `a deposit is positive`(_ amount: Int64) async throws {
        try await withUsers { users, buyer in
            await #expect(throws: UserRefusal.invalidAmount) {
                try await users.run(Deposit(user: buyer, amount: Money(amount), reason: "no"))
            }
        }
    }

    @Test(arguments: [Int64.max, 9_007_199_254_740_991])
    func `a wallet does not overflow`(_ amount: Int64) async throws {
        try await withUsers(balance: 1) { users, buyer in
            await #expect(throws: UserRefusal.walletFull) {
                try await users.run(Deposit(user: buyer, amount: Money(amount), reason: "too much"))
            }
            try await users.run(Deposit(user: buyer, amount: Money(9_007_199_254_740_990), reason: "all"))
            #expect(try await users.balance(of: buyer)?.available == Balance.limit)
        }
    }

    @Test func `nobody is credited or switched off under an unknown id`() async throws {
        try await withUsers { users, buyer in
            let nobody = UserID(UUID())
            await #expect(throws: UserRefusal.userNotFound) {
                try await users.run(Deposit(user: nobody, amount: Money(1), reason: "?"))
            }
            await #expect(throws: UserRefusal.userNotFound) {
                try await users.run(SetActive(user: nobody, isActive: false, actor: buyer, reason: "?"))
            }
            let balance = try await users.balance(of: nobody)
            #expect(balance == nil)
        }
    }

    @Test func `switching off is audited once, and only when it changes something`() async throws {
        try await withUsers { users, buyer in
            let off = SetActive(user: buyer, isActive: false, actor: buyer, reason: "left")
            let changed = try await [users.run(off).outcome, users.run(off).outcome]
            #expect(changed == [true, false])
            #expect(try await users.read { try UserQueries($0).user(buyer) }?.isActive == false)
            #expect(try await users.audits("users.deactivated") == 1)
        }
    }

    @Test func `refusals have slugs that differ`() {
        #expect(Set(UserRefusal.allCases.map(\.slug)).count == UserRefusal.allCases.count)
    }
}
