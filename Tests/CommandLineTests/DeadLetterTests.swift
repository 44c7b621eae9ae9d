import Foundation
import ProcessDriver
import PurchaseContracts
import SQLCore
import SQLiteAdapter
import SagaChoreography
import SagaSQL
import Testing

@Suite struct `Dead letters at the command line` {
    private struct Letter: Decodable {
        let id: String
        let kind: String
        let cause: String
        let consumer: String
    }

    private struct Operation: Decodable {
        struct Item: Decodable {
            let state: String
            let disposition: String?
        }

        let id: String
        let isDone: Bool
        let items: [Item]
    }

    /// Parks an event of nobody's, as a consumer does.
    private func park(
        _ fault: SagaFault, _ type: EventType = "order.created", of source: ServiceID = "orders",
        for group: ServiceID = "notifications", about subject: UUID? = UUID(), in workspace: Workspace
    ) async throws -> String {
        let database = try SQLiteDatabase.open(path: workspace.database)
        let now = Timestamp(milliseconds: 1_700_000_000_000)
        let envelope = Envelope(
            id: UUID(), type: type, version: 1, source: source, subject: subject, time: now,
            correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8))
        try await database.write { transaction in
            try SQLSagaStore(database).park(
                Retry(envelope: envelope, attempts: 4, dueAt: now, reason: fault.summary), because: fault,
                for: group, at: now, in: transaction)
        }
        try database.close()
        return ParkedMessages.id(of: envelope.id, in: group).uuidString.lowercased()
    }

    @Test func `are listed beside a server, tried, replayed and discarded without one, and followed to their end`()
        async throws
    {
        try await withWorkspace { workspace in
            let at = ["--database", workspace.database]
            _ = try await workspace.run(["migrate"] + at)
            #expect(try await workspace.run(["dead-letters", "list"] + at).out == "no dead letters\n")
            // Notifications has no reaction to it: handling it changes nothing.
            let first = try await park(.retryable("a mistake, mended by now"), in: workspace)
            let second = try await park(.retryable("a mistake, mended by now"), in: workspace)
            let groups = try await workspace.run(["dead-letters", "list", "--groups"] + at)
            #expect(groups.out.contains("2  notifications  order.created  exhausted: a mistake, mended by now"))
            let listed = try await workspace.run(["dead-letters", "list", "--kind", "exhausted", "--json"] + at)
            let letters = try JSONDecoder().decode([Letter].self, from: Data(listed.out.utf8))
            #expect(Set(letters.map(\.id)) == [first, second])
            let shown = try await workspace.run(["dead-letters", "show", first] + at)
            #expect(shown.out.contains("4 attempts; readable") && shown.out.contains("urn:purchase-saga:event"))

            let why = ["--reason", "mended"]
            let tried = try await workspace.run(["dead-letters", "discard", first, "--dry-run"] + why + at)
            #expect(tried.exit == .code(0) && tried.out.contains("would be ignored"))
            let discarded = try await workspace.run(["dead-letters", "discard", first] + why + at)
            #expect(discarded.exit == .code(0) && discarded.out.contains("discarded"))
            let gone = try await workspace.run(["dead-letters", "discard", first] + why + at)
            #expect(gone.exit == .code(1) && gone.errors.contains("refused"))

            let replayed = try await workspace.run(
                ["dead-letters", "replay", "--consumer", "notifications", "--json"] + why + at)
            let operation = try JSONDecoder().decode(Operation.self, from: Data(replayed.out.utf8))
            #expect(operation.items.map(\.state) == ["requested"])
            let outcome = ["dead-letters", "outcome", operation.id, "--json"] + at
            #expect(try await workspace.run(outcome).exit == .code(3))

            let server = try await Server.start(in: workspace, environment: ["LOG_LEVEL": "warning"])
            let done = try await waiting(for: "the replay to be handled") { () -> Operation? in
                let seen = try await workspace.run(outcome)
                return seen.exit == .code(0) ? try JSONDecoder().decode(Operation.self, from: Data(seen.out.utf8)) : nil
            }
            #expect(done.items.map(\.disposition) == ["ignored"])
            // A file has one writer; looking is no writing.
            let locked = try await workspace.run(["dead-letters", "replay", first] + why + at)
            #expect(locked.exit == .code(69))
            #expect(try await workspace.run(["dead-letters", "list"] + at).exit == .code(0))
            #expect(try await server.stop() == .code(0))
            let audited = try await workspace.run(["audit", "verify"] + at)
            #expect(audited.exit == .code(0))
        }
    }

    @Test func `that nobody can read stay as they are if an edit is no better, or says what no row confirms`()
        async throws
    {
        try await withWorkspace { workspace in
            let at = ["--database", workspace.database]
            let why = ["--reason", "its fields were lost"]
            _ = try await workspace.run(["migrate"] + at)
            let letter = try await park(
                .permanent(.undecodable, "no item"), "item.created", of: "items", for: "orders", about: nil,
                in: workspace)
            let readable = try await park(.retryable("a mistake"), in: workspace)
            let before = try await workspace.run(["dead-letters", "list", "--json"] + at).out
            let file = workspace.path("data.json")
            func edit(_ id: String, _ data: String, _ more: [String] = []) async throws -> Ended {
                try data.write(toFile: file, atomically: true, encoding: .utf8)
                return try await workspace.run(["dead-letters", "edit", id, "--data", file] + more + why + at)
            }
            // A price is nothing that anybody may make up.
            let made = """
                {"item":{"itemID":"\(UUID())","name":"마법검","price":10000,"isOnSale":true,"revision":1}}
                """
            for more in [[], ["--dry-run"]] {
                let invented = try await edit(letter, made, more)
                #expect(invented.exit == .code(1) && invented.errors.contains("contradicts"), "\(invented)")
                let worse = try await edit(letter, #"{"item":7}"#, more)
                #expect(worse.exit == .code(1) && worse.errors.contains("cannot be read"), "\(worse)")
                let needless = try await edit(readable, "{}", more)
                #expect(needless.exit == .code(1) && needless.errors.contains("can be read"), "\(needless)")
            }
            let missing = try await workspace.run(
                ["dead-letters", "edit", letter, "--data", "\(file).none"] + why + at)
            #expect(missing.exit == .code(1) && missing.errors.contains("cannot be read"), "\(missing)")
            for wrong in [["--schema-version", "0"], ["--schema-version", "x"], ["--bogus"]] {
                #expect(try await edit(letter, made, wrong).exit == .code(64), "\(wrong)")
            }
            #expect(try await workspace.run(["dead-letters", "list", "--json"] + at).out == before)
        }
    }

    @Test func `that nobody can read are edited into what they must have said, and need no fields for that`()
        async throws
    {
        try await withWorkspace { workspace in
            let at = ["--database", workspace.database]
            let server = try await Server.start(in: workspace, environment: ["PAYMENT_SUCCESS_RATE": "1"])
            let shop = Storefront()
            shop.moved(to: server.url)
            let order = try await `Explaining an order`.order(shop, wait: 10)
            _ = try await waiting(for: "the order to be settled") { () -> Bool? in
                let seen = try await workspace.run(["explain", order, "--json"] + at)
                return seen.out.contains(#""isSettled" : true"#) || seen.out.contains(#""isSettled":true"#) ? true : nil
            }
            #expect(try await server.stop() == .code(0))
            // The order has no coupon, so Coupons has no row that says it is settled.
            let letter = try await park(
                .permanent(.undecodable, "no order"), "order.settled", for: "coupons", about: UUID(uuidString: order),
                in: workspace)
            let why = ["--reason", "its fields were lost"]
            let stuck = try await workspace.run(["dead-letters", "discard", letter] + why + at)
            #expect(stuck.exit == .code(1) && stuck.errors.contains("cannot be read"), "\(stuck)")
            let shown = try await workspace.run(["dead-letters", "show", letter] + at)
            #expect(shown.out.contains(#"it must have said: {"orderID":"\#(order.uppercased())"}"#), "\(shown.out)")

            let edit = ["dead-letters", "edit", letter]
            for wrong in [[], ["--known", "--data", "-"], ["--known", "--schema-version", "1"]] {
                #expect(try await workspace.run(edit + wrong + why + at).exit == .code(64), "\(wrong)")
            }
            let tried = try await workspace.run(edit + ["--known", "--dry-run"] + why + at)
            #expect(tried.exit == .code(0) && tried.out.contains("would be duplicate"), "\(tried)")
            let edited = try await workspace.run(edit + ["--known"] + why + at)
            #expect(edited.exit == .code(0) && edited.out.contains("edited"), "\(edited)")
            let again = try await workspace.run(edit + ["--known"] + why + at)
            #expect(again.exit == .code(1) && again.errors.contains("nobody knows"), "\(again)")
            #expect(try await workspace.run(["dead-letters", "discard", letter] + why + at).exit == .code(0))
            #expect(try await workspace.run(["verify"] + at).exit == .code(0))
        }
    }

    @Test func `are replayed by a running server that is asked over HTTP`() async throws {
        try await withWorkspace { workspace in
            _ = try await workspace.run(["migrate", "--database", workspace.database])
            let letter = try await park(.retryable("a mistake, mended by now"), in: workspace)
            let server = try await Server.start(in: workspace, environment: [:])
            let shop = Storefront()
            shop.moved(to: server.url)
            let token = try await shop.setUpTestData().tokens.admin
            let answer = try await shop.call(
                "POST", "/admin/dead-letters/\(letter)/replay", token: token, body: #"{"reason":"mended"}"#)
            #expect(answer.status == 202)
            let path = try #require(answer.headers["location"])
            struct Followed: Decodable { let state: String }
            _ = try await waiting(for: "the replay to be handled") { () -> Bool? in
                try await shop.get(path, token: token, as: Followed.self).state == "done" ? true : nil
            }
            #expect(try await server.stop() == .code(0))
        }
    }

    @Test func `need an id or a filter, and a reason; an order is sent again only if there is one`() async throws {
        try await withWorkspace { workspace in
            let at = ["--database", workspace.database]
            _ = try await workspace.run(["migrate"] + at)
            for wrong in [
                ["dead-letters", "replay", "--reason", "why"], ["dead-letters", "replay", UUID().uuidString],
                ["dead-letters", "replay", UUID().uuidString, "--kind", "alarm", "--reason", "why"],
                ["dead-letters", "discard", "x", "--reason", "why"], ["dead-letters", "list", "--kind", "x"],
                ["resync", "x", "--reason", "why"], ["resync", UUID().uuidString],
            ] { #expect(try await workspace.run(wrong + at).exit == .code(64), "\(wrong)") }
            for more in [[], ["--dry-run"]] {
                let missing = try await workspace.run(["resync", UUID().uuidString, "--reason", "why"] + more + at)
                #expect(missing.exit == .code(1) && missing.errors.contains("there is no order"))
            }
            let unknown = try await workspace.run(["dead-letters", "show", UUID().uuidString] + at)
            #expect(unknown.exit == .code(1) && unknown.errors.contains("there is no dead letter"))
        }
    }
}
