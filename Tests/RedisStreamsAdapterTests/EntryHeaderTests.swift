import Foundation
import SagaChoreography
import Testing

@testable import RedisStreamsAdapter

@Suite struct `The header of an entry` {
    private func read(_ bytes: [UInt8]) -> EntryHeader? { bytes.withUnsafeBytes { EntryHeader(bytes: $0) } }

    private func envelopes() -> [Envelope] {
        let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        return (0..<16).map { present in
            func some<Value>(_ bit: Int, _ value: Value) -> Value? { present & 1 << bit == 0 ? nil : value }
            return Envelope(
                id: ids.next(), type: "a.made", version: present * 1000 + 1, source: "주문", subject: some(0, ids.next()),
                time: Timestamp(milliseconds: 1_767_225_600_123 - Int64(present) * 900_000_000_000),
                correlationID: some(1, ids.next()), causationID: some(2, ids.next()), traceparent: some(3, trace),
                data: Data())
        }
    }

    @Test func `is read as it was written, whatever is missing`() throws {
        for envelope in envelopes() {
            let header = try #require(read(EntryHeader(envelope).bytes))
            let again = Envelope(
                id: header.id, type: envelope.type, version: header.version, source: header.source,
                subject: header.subject, time: header.time, correlationID: header.correlationID,
                causationID: header.causationID, traceparent: header.traceparent, data: envelope.data)
            #expect(again == envelope)
        }
    }

    @Test func `is none if it is cut, has another form, or says that more is there`() {
        for envelope in envelopes() {
            let bytes = EntryHeader(envelope).bytes
            let cut = envelope.traceparent == nil ? bytes.count : bytes.count - envelope.traceparent!.utf8.count + 1
            for length in 0..<cut { #expect(read(Array(bytes.prefix(length))) == nil, "\(length) of \(bytes.count)") }
            #expect(read([0] + bytes.dropFirst()) == nil)
            #expect(read([2] + bytes.dropFirst()) == nil)
            #expect(read([1, 16] + bytes.dropFirst(2)) == nil)
        }
        #expect(read(EntryHeader(envelopes()[0]).bytes + [7]) == nil, "no trace is there")
    }
}
