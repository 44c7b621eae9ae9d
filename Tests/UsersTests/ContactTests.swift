import PurchaseContracts
import SQLCore
import SagaTesting
import Testing
import Users

@Suite struct `Where a user gets mail` {
    private func address(of user: UserID, _ users: ParticipantHarness) async throws -> String? {
        try await users.read { try ContactQueries($0).emailAddress(of: user)?.description }
    }

    @Test func `is what was said last, until it is taken back`() async throws {
        try await withUsers { users, kim in
            #expect(try await address(of: kim, users) == nil)
            for text in ["kim@shop.example", "kim@other.example"] {
                let email = try #require(EmailAddress(text))
                #expect(try await users.run(SetEmailAddress(of: kim, to: email, actor: kim)).outcome == true)
                #expect(try await users.run(SetEmailAddress(of: kim, to: email, actor: kim)).outcome == false)
                #expect(try await address(of: kim, users) == text)
            }
            #expect(try await users.run(SetEmailAddress(of: kim, to: nil, actor: kim)).outcome)
            #expect(try await address(of: kim, users) == nil)
        }
    }

    @Test func `is audited without the address`() async throws {
        try await withUsers { users, kim in
            try await users.run(SetEmailAddress(of: kim, to: EmailAddress("kim@shop.example"), actor: kim))
            try await users.run(SetEmailAddress(of: kim, to: nil, actor: kim))
            let audits = try await users.read {
                try $0.rows("SELECT action, details FROM saga_audit ORDER BY id").map {
                    try [$0.text("action"), $0.text("details")]
                }
            }
            #expect(audits.map { $0[0] }.suffix(2) == ["users.email-set", "users.email-removed"])
            let isKept = audits.contains { $0[1].contains("shop.example") }
            #expect(!isKept)
        }
    }

    @Test func `is nothing for someone who is not there`() async throws {
        try await withUsers { users, _ in
            let nobody = UserID(users.ids.next())
            await #expect(throws: UserRefusal.userNotFound) {
                try await users.run(SetEmailAddress(of: nobody, to: EmailAddress("a@b.example"), actor: nobody))
            }
        }
    }
}
