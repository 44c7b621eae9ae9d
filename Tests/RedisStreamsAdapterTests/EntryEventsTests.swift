import Foundation
import SagaChoreography
import Testing

@testable import RedisStreamsAdapter

@Suite struct `The events of an entry` {
    /// Names and values as they were written, after those of an XADD.
    private func fields(_ envelopes: [Envelope]) -> [RedisReply] {
        var command = RedisCommand()
        EntryEvents.write(envelopes, to: &command)
        var values: [RedisReply] = []
        var rest = command.body[...]
        while rest.first == UInt8(ascii: "$"), let end = rest.firstIndex(of: 13) {
            let length = Int(String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)) ?? 0
            values.append(.bytes(Array(rest[(end + 2)..<(end + 2 + length)])))
            rest = rest[(end + 4 + length)...]
        }
        return values
    }

    @Test func `are known by their ids, whether one or many`() {
        for count in [1, 2, EntryEvents.most] {
            let sent = envelopes(count)
            #expect(EntryEvents.ids(inFields: .array(fields(sent))) == Set(sent.map(\.id)))
        }
    }

    @Test func `of an entry that is cut none is known`() throws {
        var cut = fields(envelopes(3))
        let events = try #require(cut[3].bytes)
        for length in [1, 7, 40, events.count - 1] {
            cut[3] = .bytes(Array(events.prefix(length)))
            #expect(EntryEvents.ids(inFields: .array(cut)).isEmpty, "\(length) of \(events.count)")
        }
        #expect(EntryEvents.ids(inFields: .array([.text("n"), .text("3")])).isEmpty)
    }

    @Test func `that go nowhere are in no entry, the others in the order in which they were sent`() {
        let sent = envelopes(7)
        func stream(_ partition: Int) -> StreamLayout.Stream { .init(type: "a.made", partition: partition) }
        let streams = [stream(0), nil, stream(1), stream(0), stream(0), stream(1), stream(0)]
        let plan = EntryPlan(sent, streams, most: 2)
        #expect(plan.entries.map(\.events) == [[0, 3], [2, 5], [4, 6]])
        #expect(plan.entries.map(\.stream.partition) == [0, 1, 0])
        #expect(EntryPlan(sent, streams, most: 0).entries.map(\.events) == [[0], [2], [3], [4], [5], [6]])
        let many = envelopes(EntryEvents.most + 1)
        #expect(
            EntryPlan(many, many.map { _ in stream(0) }, most: .max).entries.map(\.events.count) == [
                EntryEvents.most, 1,
            ])
        #expect(EntryPlan(sent, streams, most: 64, bytes: 1).entries.map(\.events) == [[0], [2], [3], [4], [5], [6]])
    }
}
