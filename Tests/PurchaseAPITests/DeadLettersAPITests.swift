import Audit
import Foundation
import HTTPTypes
import PurchaseApp
import PurchaseContracts
import SQLCore
import SagaChoreography
import SagaSQL
import Testing

@testable import PurchaseAPI

@Suite struct `Dead letters` {
    private static let why = #"{"reason":"the mistake is mended"}"#

    @Test func `of a poisoned forward step: its order ends undone, others flow, and to replay it is a no-op`()
        async throws
    {
        let poison = Poison()
        try await APIHarness.run(poison: poison) { api in
            let shop = try await api.testData()
            let poisoned = try await api.order(shop)
            poison.corrupt(PaymentReserved.type, to: "inventory", of: poisoned)
            let other = try await api.order(shop)
            try await api.run(for: .seconds(5))
            #expect(try await api.status(other, shop) == "COMPLETED")

            // Found by order and by cause.
            let letter = try await api.onlyLetter("orderId=\(poisoned)", shop)
            #expect(try letter.text("consumer") == "inventory" && letter.text("kind") == "undecodable")
            let groups = try await api.send(.get, "/admin/dead-letters/groups?kind=undecodable", token: shop.adminToken)
            let group = try #require(try groups.array("groups").first)
            #expect(try group.number("count") == 1)
            let cause = try #require(
                try group.text("cause").addingPercentEncoding(withAllowedCharacters: .alphanumerics))
            #expect(try await api.onlyLetter("cause=\(cause)", shop) == letter)
            let path = "/admin/dead-letters/\(try letter.text("id"))"

            // While nobody can say what it would change it may not be forgotten.
            let early = try await api.send(.post, path + "/discard", token: shop.adminToken, Self.why)
            #expect(early.status == .conflict && early.code == "dead-letters.undecided")

            try await api.run(for: .seconds(320))
            #expect(try await api.status(poisoned, shop) == "FAILED")
            try await api.expectClean(parked: 1)
            let balance = try await api.balance(shop)

            // As it is: parked again.
            let expected = try await api.planned(path + "/replay", shop)
            #expect(try expected.text("effect") == "parked")
            let again = try await api.replayed(path + "/replay", shop)
            #expect(try again.text("state") == "parked")
            try await api.expectClean(parked: 1)

            // Readable again: it comes too late to do anything.
            let edited = try await api.send(
                .post, path + "/edit", token: shop.adminToken,
                #"{"reason":"its fields were lost","data":\#(try api.data(of: PaymentReserved.type, poisoned))}"#)
            #expect(edited.status == .accepted)
            #expect(try await api.planned(path + "/replay", shop).text("effect") == "ignored")
            let handled = try await api.replayed(path + "/replay", shop)
            #expect(try handled.text("state") == "handled" && handled.text("disposition") == "ignored")
            #expect(try handled.array("emitted").isEmpty)
            #expect(try await api.status(poisoned, shop) == "FAILED")
            #expect(try await api.balance(shop) == balance)
            try await api.expectClean(parked: 0)

            for (action, count) in [("dead-letters.replayed", 2), ("dead-letters.edited", 1)] {
                let entries = try await api.audited(action)
                #expect(entries.count == count, "\(action)")
                #expect(entries.allSatisfy { $0.actor.role == "admin" && $0.actor.userID != nil })
                #expect(entries.allSatisfy { $0.correlationID?.uuidString.lowercased() == poisoned })
            }
            let failed = try await api.audited("order.failed")
            #expect(failed.contains { $0.correlationID?.uuidString.lowercased() == poisoned })
        }
    }

    @Test func `of a step past the pivot: they may not be forgotten; replayed as a group, the orders complete`()
        async throws
    {
        let poison = Poison()
        try await APIHarness.run(poison: poison) { api in
            let shop = try await api.testData()
            let orders = [try await api.order(shop), try await api.order(shop)]
            for order in orders { poison.fail(at: order) }
            try await api.run(for: .seconds(10))
            for order in orders { #expect(try await api.status(order, shop) == "CONFIRMED") }
            let letter = try await api.onlyLetter("orderId=\(orders[0])", shop)
            #expect(try letter.text("kind") == "exhausted" && letter.text("cause") == "a mistake of ours")
            #expect(try letter.number("attempts") == 4)
            let path = "/admin/dead-letters/\(try letter.text("id"))"
            let faulty = try await api.send(.post, path + "/discard", token: shop.adminToken, Self.why)
            #expect(faulty.status == .conflict && faulty.code == "dead-letters.faults")
            #expect(try await api.planned(path + "/replay", shop).text("fault") == "a mistake of ours")
            let readable = try await api.send(
                .post, path + "/edit", token: shop.adminToken, #"{"reason":"why","data":{}}"#)
            #expect(readable.status == .conflict && readable.code == "dead-letters.readable")

            poison.mend()
            let needed = try await api.send(.post, path + "/discard", token: shop.adminToken, Self.why)
            #expect(needed.status == .conflict && needed.code == "dead-letters.has-effect")
            let group =
                #"{"reason":"mended","consumer":"inventory","type":"payment.processed","cause":"a mistake of ours"}"#
            let plan = try await api.send(
                .post, "/admin/dead-letters/replay?dryRun=true", token: shop.adminToken, group)
            #expect(try plan.array("items").map { try $0.text("effect") } == ["applied", "applied"])
            #expect(
                try plan.array("items").map { try $0.array("emits") } == [
                    ["inventory.confirmed"], ["inventory.confirmed"],
                ])
            // Trying changed nothing.
            for order in orders { #expect(try await api.status(order, shop) == "CONFIRMED") }
            let replay = try await api.send(.post, "/admin/dead-letters/replay", token: shop.adminToken, group)
            #expect(replay.status == .accepted)
            #expect(try replay.text("state") == "requested" && replay.number("remaining") == 0)
            try await api.run(for: .seconds(5))
            let operation = try await api.send(
                .get, try #require(replay.headers[.location]), token: shop.adminToken)
            #expect(try operation.text("state") == "done")
            #expect(try operation.array("items").map { try $0.text("disposition") } == ["applied", "applied"])
            for order in orders { #expect(try await api.status(order, shop) == "COMPLETED") }
            try await api.expectClean(parked: 0)
            #expect(try await api.audited("dead-letters.replayed").count == 2)
            let gone = try await api.send(.post, path + "/replay", token: shop.adminToken, Self.why)
            #expect(gone.status == .notFound && gone.code == "dead-letters.not-found")
        }
    }

    @Test func `are edited only into what really happened, and the order completes`() async throws {
        let poison = Poison()
        try await APIHarness.run(poison: poison) { api in
            let shop = try await api.testData()
            let order = try await api.order(shop)
            poison.corrupt(PaymentProcessed.type, to: "items", of: order)
            try await api.run(for: .seconds(10))
            #expect(try await api.status(order, shop) == "CONFIRMED")
            let path = "/admin/dead-letters/\(try await api.onlyLetter("orderId=\(order)", shop).text("id"))"
            let sound = try api.data(of: PaymentProcessed.type, order)
            let known = try await api.send(.get, path, token: shop.adminToken).json.at(["known", "data"])
            #expect(try known == StrictJSON.parse(Array(sound.utf8)))
            let other = try await api.order(shop)
            let wrong = [
                (#"{"order":1}"#, "dead-letters.edit-unreadable"),
                (sound.replacing(#""quantity":1"#, with: #""quantity":9"#), "dead-letters.edit-contradicts"),
                (
                    sound.replacing(order, with: other).replacing(order.uppercased(), with: other.uppercased()),
                    "dead-letters.edit-contradicts"
                ),
            ]
            for (data, code) in wrong {
                let answer = try await api.send(
                    .post, path + "/edit", token: shop.adminToken, #"{"reason":"why","data":\#(data)}"#)
                #expect(answer.status == .unprocessableContent && answer.code == code, "\(answer.body)")
            }
            let body = #"{"reason":"its fields were lost","data":\#(sound)}"#
            let plan = try await api.send(.post, path + "/edit?dryRun=true", token: shop.adminToken, body)
            #expect(try plan.array("items").first?.text("effect") == "applied")
            #expect(try await api.send(.get, path, token: shop.adminToken).json.at(["readable"]) == false)
            #expect(try await api.send(.post, path + "/edit", token: shop.adminToken, body).status == .accepted)
            let shown = try await api.send(.get, path, token: shop.adminToken)
            #expect(try shown.json.at(["readable"]) == true)
            #expect(!shown.body.contains(#""known""#))
            #expect(try shown.array("history").map { try $0.text("kind") } == ["edit"])
            #expect(try shown.text("envelope", "subject").lowercased() == order)

            let handled = try await api.replayed(path + "/replay", shop)
            #expect(try handled.text("disposition") == "applied")
            #expect(try await api.status(order, shop) == "COMPLETED")
            try await api.expectClean(parked: 0)
        }
    }

    @Test func `of an order that a resync by hand healed may be forgotten`() async throws {
        let poison = Poison()
        try await APIHarness.run(poison: poison) { api in
            let shop = try await api.testData()
            let order = try await api.order(shop)
            poison.corrupt(PaymentProcessed.type, to: "items", of: order)
            try await api.run(for: .seconds(10))
            poison.mend()
            let path = "/admin/orders/\(order)/resync"
            let plan = try await api.send(.post, path + "?dryRun=true", token: shop.adminToken, Self.why)
            #expect(try plan.array("events").contains { try $0.text("type") == "payment.processed" })
            let resync = try await api.send(.post, path, token: shop.adminToken, Self.why)
            #expect(resync.status == .accepted)
            #expect(try resync.text("state") == "requested")
            try await api.run(for: .seconds(10))
            let operation = try await api.send(
                .get, try #require(resync.headers[.location]), token: shop.adminToken)
            #expect(try operation.text("state") == "done")
            #expect(try operation.array("items").first?.text("detail") == "settled")
            #expect(try await api.status(order, shop) == "COMPLETED")
            try await api.expectClean(parked: 1)
            // Again, as often as one likes.
            let again = try await api.send(.post, path, token: shop.adminToken, Self.why)
            #expect(try again.text("state") == "done")

            let discard = try await api.send(
                .post, "/admin/dead-letters/discard", token: shop.adminToken,
                #"{"reason":"healed","orderId":"\#(order)"}"#)
            #expect(try discard.array("items").map { try $0.text("state") } == ["discarded"])
            try await api.expectClean(parked: 0)
            #expect(try await api.audited("dead-letters.discarded").count == 1)
            #expect(try await api.audited("orders.resynced").count == 2)
            let unknown = try await api.send(
                .post, "/admin/orders/\(UUID())/resync", token: shop.adminToken, Self.why)
            #expect(unknown.status == .notFound)
        }
    }

    @Test func `are paged, and an operation without an effect for long says so`() async throws {
        try await APIHarness.run { api in
            let shop = try await api.testData()
            var ids: [String] = []
            for number in 0..<5 {
                let envelope = Envelope(
                    id: UUID(), type: "x.happened", version: 1, source: "x", subject: nil, time: api.clock.now(),
                    correlationID: nil, causationID: nil, traceparent: nil, data: Data("{}".utf8))
                ids.append(try await api.park(envelope, for: "users", .retryable("fault \(number % 2)")))
            }
            let first = try await api.send(.get, "/admin/dead-letters?limit=3", token: shop.adminToken)
            let rest = try await api.send(
                .get, "/admin/dead-letters?limit=3&cursor=\(try first.text("next"))", token: shop.adminToken)
            let listed = try (first.array("deadLetters") + rest.array("deadLetters")).map { try $0.text("id") }
            #expect(listed == ids.sorted(by: >))
            let groups = try await api.send(.get, "/admin/dead-letters/groups", token: shop.adminToken)
            #expect(try groups.array("groups").map { try $0.number("count") } == [3, 2])

            // The system stands still: nobody takes it.
            let replay = try await api.send(
                .post, "/admin/dead-letters/\(ids[0])/replay", token: shop.adminToken, Self.why)
            let path = try #require(replay.headers[.location])
            #expect(try await api.send(.get, path, token: shop.adminToken).text("state") == "requested")
            api.clock.advance(by: .seconds(31))
            #expect(try await api.send(.get, path, token: shop.adminToken).text("state") == "no-effect-yet")
            try await api.run(for: .seconds(2))
            #expect(try await api.send(.get, path, token: shop.adminToken).text("state") == "done")
            let nothing = try await api.send(
                .post, "/admin/dead-letters/discard", token: shop.adminToken, #"{"reason":"why"}"#)
            #expect(nothing.status == .unprocessableContent)
        }
    }
}

extension APIHarness {
    fileprivate func order(_ shop: TestData) async throws -> String {
        try await send(.post, "/orders", token: shop.userToken, shop.order(1)).text("id")
    }

    fileprivate func status(_ order: String, _ shop: TestData) async throws -> String {
        try await send(.get, "/orders/\(order)", token: shop.userToken).text("status")
    }

    fileprivate func balance(_ shop: TestData) async throws -> JSONValue {
        try await send(.get, "/user/\(shop.user)/balance", token: shop.userToken).json
    }

    /// The one that a query finds.
    fileprivate func onlyLetter(_ query: String, _ shop: TestData) async throws -> JSONValue {
        let found = try await send(.get, "/admin/dead-letters?\(query)", token: shop.adminToken).array("deadLetters")
        #expect(found.count == 1)
        return try #require(found.first)
    }

    /// What an operation on one would do.
    fileprivate func planned(_ path: String, _ shop: TestData) async throws -> JSONValue {
        let before = try await send(.get, "/admin/dead-letters", token: shop.adminToken).json
        let answer = try await send(.post, path + "?dryRun=true", token: shop.adminToken, #"{"reason":"trying"}"#)
        #expect(answer.status == .ok)
        #expect(try await send(.get, "/admin/dead-letters", token: shop.adminToken).json == before)
        return try #require(try answer.array("items").first)
    }

    /// Replays one, and what was observed then.
    fileprivate func replayed(_ path: String, _ shop: TestData) async throws -> JSONValue {
        let answer = try await send(.post, path, token: shop.adminToken, #"{"reason":"again"}"#)
        #expect(answer.status == .accepted)
        try await run(for: .seconds(5))
        let operation = try await send(.get, try #require(answer.headers[.location]), token: shop.adminToken)
        #expect(try operation.text("state") == "done")
        return try #require(try operation.array("items").first)
    }

    /// The data of an order's event, as it was emitted.
    fileprivate func data(of type: EventType, _ order: String) throws -> String {
        let envelope = observer.envelopes.first {
            $0.type == type && $0.subject?.uuidString.lowercased() == order.lowercased()
        }
        return String(decoding: try #require(envelope).data, as: UTF8.self)
    }

    /// Every invariant holds, and nothing is under way.
    fileprivate func expectClean(parked: Int64, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await run(for: .seconds(5))
        try await system.trail?.flush()
        let report = try await Verifier(database, clock: clock, participants: system.participants).run()
        #expect(report.violations.map { "\($0.check): \($0.what)" } == [], sourceLocation: sourceLocation)
        #expect(report.inFlight.isEmpty, sourceLocation: sourceLocation)
        #expect(report.queues.parked == parked, sourceLocation: sourceLocation)
        #expect(report.queues.retries == 0, sourceLocation: sourceLocation)
    }
}
