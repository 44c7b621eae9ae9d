import PurchaseContracts
import PurchaseFixtures
import SQLCore
import SagaChoreography
import SagaSQL
import SagaTesting
import Testing

@testable import Users

@Suite struct QueryAndCheckTests {
    @Test func `the statement is paged, newest first, and balances follow from one another`() async throws {
        try await withUsers { users, buyer in
            for amount in Int64(1)...5 {
                users.clock.advance(by: .milliseconds(1))
                try await users.run(Deposit(user: buyer, amount: Money(amount), reason: "page"))
            }
            let first = try await users.read { try UserQueries($0).transactions(of: buyer, limit: 4) }
            let rest = try await users.read {
                try UserQueries($0).transactions(of: buyer, before: first.last?.id, limit: 4)
            }
            #expect((first + rest).map(\.amount) == [5, 4, 3, 2, 1, 10_000].map { Money($0) })
            #expect(
                (first + rest).map(\.balanceAfter)
                    == [10_015, 10_010, 10_006, 10_003, 10_001, 10_000].map { Money($0) })
        }
    }

    @Test func `settlement reports every order it knows, however many are asked for`() async throws {
        try await withUsers { users, buyer in
            let orders = (0..<600).map { _ in OrderFacts.costing(1, by: buyer) }
            try await users.deliverBatch(orders.map { OrderCreated(order: $0) })
            let asked = orders.map(\.id) + [OrderFacts.fixture().id]
            let settlements = try await users.read { try UserQueries($0).settlement(of: asked) }
            #expect(settlements.count == 600)
            #expect(settlements.values.allSatisfy { $0.isHeld && $0.amount == Money(1) })
        }
    }

    @Test func `the tables refuse what does not add up`() async throws {
        try await withUsers { users, _ in
            let wrongs: [SQLStatement] = [
                "UPDATE users_wallets SET available = available + 1",
                "UPDATE users_wallets SET available = -1, deposited = -1",
                "UPDATE users_wallets SET captured = 1, refunded = 2, available = available + 1",
                "UPDATE users_users SET name = ''",
            ]
            for wrong in wrongs {
                let error = await #expect(throws: SQLError.self) { try await users.given { try $0.execute(wrong) } }
                #expect(error?.code == .constraint)
            }
        }
    }

    @Test(arguments: [
        ("users.wallet-adds-up", "UPDATE users_wallets SET deposited = deposited + 1"),
        ("users.held-adds-up", "UPDATE users_saga SET amount = amount + 1 WHERE state = 'HELD'"),
        ("users.captured-adds-up", "UPDATE users_saga SET amount = amount + 1 WHERE state = 'CAPTURED'"),
        ("users.statement-adds-up", "DELETE FROM users_ledger WHERE kind = 'deposit'"),
        ("users.no-end-without-hold", "DELETE FROM users_ledger WHERE kind = 'hold'"),
        ("users.settled-holds-nothing", "UPDATE users_saga SET settled = 1"),
    ])
    func `each check finds what it is for`(_ id: String, _ damage: String) async throws {
        try await withParticipant(UsersParticipant.make(), migrations: UsersMigrations.sqlite) { users in
            let buyer = try await users.run(EnsureUser(name: "buyer", balance: Money(100))).outcome.id
            let (paid, open) = (OrderFacts.costing(10, by: buyer), OrderFacts.costing(20, by: buyer))
            try await users.deliverBatch([OrderCreated(order: paid), OrderCreated(order: open)])
            try await users.deliver(PaymentProcessed(order: paid))
            let check = try #require(UsersChecks.all.first { $0.id == id })
            #expect(try await users.read { try check.run(in: $0) }.isEmpty)
            try await users.given { try $0.script("PRAGMA ignore_check_constraints = ON; \(damage)") }
            #expect(try await !users.read { try check.run(in: $0) }.isEmpty)
        }
    }
}
