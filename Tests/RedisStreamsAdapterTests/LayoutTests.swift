import Foundation
import SagaChoreography
import Testing

@testable import RedisStreamsAdapter

@Suite struct LayoutTests {
    @Test func `an order's events stay in one partition, in every version of the program`() throws {
        let layout = StreamLayout(subscriptions, .inTests(partitions: 16))
        let order = try #require(UUID(uuidString: "01890000-0000-7000-8000-000000000001"))
        #expect(layout.stream(of: envelope(ids.next(), subject: order))?.description == "a.made:4")
        #expect(layout.stream(of: envelope(ids.next(), "b.made", subject: order))?.description == "b.made:4")
        #expect(layout.stream(of: envelope(ids.next(), "z.made", subject: order)) == nil)
    }

    @Test func `partitions are used evenly`() {
        let layout = StreamLayout(subscriptions, .inTests(partitions: 4))
        var counts = [0, 0, 0, 0]
        for _ in 0..<4000 { counts[layout.partition(of: ids.next())] += 1 }
        #expect(counts.allSatisfy { (800...1200).contains($0) }, "\(counts)")
    }

    @Test func `a receipt reads what it wrote, and nothing else`() throws {
        let stream = StreamLayout.Stream(type: "a:b.made", partition: 3)
        let id = try #require(EntryID("1767225600123-18446744073709551615"))
        let entry = EntryReceipt(generation: "g-1-2", stream: stream, id: id)
        #expect(entry.receipt == Receipt("g-1-2 a:b.made:3", .init(1_767_225_600_123, .max)))
        #expect(EntryReceipt(entry.receipt) == entry)
        for text in ["", "unsubscribed", "g", "g a.made", "g a.made:x", "g a:0 x"] {
            #expect(EntryReceipt(Receipt(text)) == nil)
        }
    }

    @Test func `ids are read as Redis writes them, and nothing else`() throws {
        func read(_ text: String) -> EntryID? { Array(text.utf8).withUnsafeBytes { EntryID($0) } }
        for text in ["0-0", "1767225600123-7", "18446744073709551615-18446744073709551615"] {
            #expect(read(text)?.description == text)
            #expect(EntryID(text) == read(text))
        }
        for text in ["", "-", "1", "1-", "-1", "1-1-1", "1-a", " 1-1", "+1-1", "18446744073709551616-0", "1 -1"] {
            #expect(read(text) == nil, "\(text)")
        }
    }

    @Test func `ids are ordered as Redis orders them`() throws {
        let ids = try ["0-1", "9-18446744073709551615", "10-0", "10-2", "10-10"].map { try #require(EntryID($0)) }
        #expect(ids.sorted() == ids)
    }

    @Test(arguments: [("6.0.16", true), ("6.2.0", false), ("7.0.15", false), ("10.0", false), ("unknown", false)])
    func `a server without what is needed is told by its version`(version: String, isOlder: Bool) {
        #expect(ServerInfo.isOlder(version, than: [6, 2]) == isOlder)
    }

    @Test func `attempts to connect become rarer, up to a limit`() {
        var reconnecting = Reconnecting()
        let pauses = (0..<8).map { _ in reconnecting.pause(chance: 0.5) }
        #expect(pauses == [37.5, 75, 150, 300, 600, 1200, 1500, 1500].map { .milliseconds($0) })
        reconnecting.succeeded()
        let first = reconnecting.pause(chance: 0)
        #expect(first == .milliseconds(25))
    }
}
