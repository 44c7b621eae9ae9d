import Audit
import AuditContract
import Foundation
import SagaChoreography
import SagaTesting
import Testing

@testable import MongoAuditAdapter

@Suite struct `BSON` {
    private func read(_ bytes: [UInt8]) throws -> BSONDocument {
        try bytes.withUnsafeBytes { try BSONDocument(bytes: $0) }
    }

    /// Everything that is written.
    private let everything: BSONDocument = [
        "double": .double(1.5), "text": .string("마법 \0 🦊"), "empty": .string(""),
        "document": .document(["a": .int32(-1), "none": .document([:])]),
        "array": .array([.int64(.max), .string("x"), .array([])]), "binary": .binary(Data([0, 1, 255])),
        "no bytes": .binary(Data()), "id": .uuid(UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))),
        "yes": .bool(true), "no": .bool(false), "small": .int32(.min), "large": .int64(.min),
    ]

    @Test func `is written as its specification shows`() {
        // The examples of bsonspec.org.
        let hello = Array("\u{16}\0\0\0\u{02}hello\0\u{06}\0\0\0world\0\0".utf8)
        #expect((["hello": .string("world")] as BSONDocument).bytes == hello)
        var awesome = Array("\u{31}\0\0\0\u{04}BSON\0\u{26}\0\0\0\u{02}0\0\u{08}\0\0\0awesome\0\u{01}1\0".utf8)
        awesome += [0x33, 0x33, 0x33, 0x33, 0x33, 0x33, 0x14, 0x40]
        awesome += Array("\u{10}2\0".utf8) + [0xC2, 0x07, 0, 0, 0, 0]
        let document: BSONDocument = ["BSON": .array([.string("awesome"), .double(5.05), .int32(1986)])]
        #expect(document.bytes == awesome)
        #expect(([:] as BSONDocument).bytes == [5, 0, 0, 0, 0])
    }

    @Test func `is read as it was written`() throws {
        #expect(try read(everything.bytes) == everything)
    }

    @Test func `of other kinds is passed over`() throws {
        var bytes: [UInt8] = [0, 0, 0, 0]
        for (type, length) in [(0x0A, 0), (0x11, 8), (0x09, 8), (0x07, 12), (0x13, 16), (0xFF, 0), (0x06, 0)] {
            bytes += [UInt8(type), UInt8(ascii: "x"), 0] + Array(repeating: 7, count: length)
        }
        bytes += [0x10, UInt8(ascii: "n"), 0, 5, 0, 0, 0, 0]
        bytes[0] = UInt8(bytes.count)
        let document = try read(bytes)
        #expect(document["n"] == .int32(5))
        #expect(document["x"] == .other(type: 0x0A))
    }

    @Test func `that ends too early is refused, wherever it ends`() {
        let bytes = everything.bytes
        for length in 0..<bytes.count {
            #expect(throws: BSONMalformed.self) { try read(Array(bytes.prefix(length))) }
        }
        #expect(throws: BSONMalformed.self) { try read(bytes + [0]) }
    }

    @Test func `that was damaged is refused or another, and harms nobody`() {
        let random = SeededRandom(seed: 1)
        let bytes = everything.bytes
        var refused = 0
        for _ in 0..<5000 {
            var damaged = bytes
            for _ in 0...random.below(3) {
                damaged[random.below(bytes.count)] = UInt8(truncatingIfNeeded: random.next())
            }
            do { _ = try read(damaged) } catch { refused += 1 }
        }
        #expect(refused > 1000)
    }

    @Test func `that is nested without end, or is no UTF-8, is refused`() {
        var nested: BSONDocument = [:]
        for _ in 0..<200 { nested = ["a": .document(nested)] }
        #expect(throws: BSONMalformed.self) { try read(nested.bytes) }
        var bytes = (["a": .string("xx")] as BSONDocument).bytes
        bytes[bytes.count - 4] = 0xC3
        #expect(throws: BSONMalformed.self) { try read(bytes) }
    }
}

@Suite struct `Documents of entries` {
    @Test func `hold what is there, each under its name, and nothing that is not`() {
        let document = EntryDocument.document(SampleEntries.varied(1...1)[0])
        #expect(
            document.fields.map(\.name) == [
                "_id", "sequence", "action", "resource", "resourceId", "occurredAt", "recordedAt", "status",
                "severity", "details", "correlationId", "service", "hash",
            ])
    }

    @Test func `are read as they were written, details that are no text too`() throws {
        var entries = SampleEntries.varied(1...60)
        entries[0].entry.details = Data([0xFF, 0, 0x7B])
        for entry in entries {
            #expect(try EntryDocument.entry(EntryDocument.document(entry)) == entry)
        }
    }

    @Test func `of which a field is missing or of another kind are undecodable, and the error says which`() throws {
        let document = EntryDocument.document(SampleEntries.varied(2...2)[0])
        let optional: Set = ["actor", "actorRole", "ipAddress", "userAgent", "correlationId"]
        for field in document.fields {
            let others = document.fields.filter { $0.name != field.name }
            let wrong = BSONDocument(others + [.init(name: field.name, value: .bool(true))])
            let cases = optional.contains(field.name) ? [wrong] : [wrong, BSONDocument(others)]
            for document in cases {
                let expected = SagaFault.permanent(
                    .undecodable, "MongoDB: field '\(field.name)' of an audit entry is missing or wrong")
                #expect(throws: expected) { try EntryDocument.entry(document) }
            }
        }
        for (name, value) in [("status", BSONValue.string("done")), ("severity", .int64(6))] {
            let others = document.fields.filter { $0.name != name }
            let wrong = BSONDocument(others + [.init(name: name, value: value)])
            #expect(throws: SagaFault.self) { try EntryDocument.entry(wrong) }
        }
    }
}

@Suite struct `The pattern of a text` {
    @Test(arguments: [
        ("", ""), ("aZ", "[aA][zZ]"), ("100%", "100\\x25"), ("마법_\\", "마법\\x5f\\x5c"), ("\n\0", "\\x0a\\x00"),
        ("^.*$", "\\x5e\\x2e\\x2a\\x24"), ("e\u{301}", "[eE]\u{301}"), ("%\u{301}", "\\x25\u{301}"),
    ])
    func `means the text and nothing else`(text: String, pattern: String) {
        #expect(TextPattern(text).pattern.unicodeScalars.elementsEqual(pattern.unicodeScalars))
        #expect(!TextPattern(text).needsALook)
    }

    @Test func `of a long text is its beginning, and asks for a look`() {
        let pattern = TextPattern(String(repeating: "a", count: 251))
        #expect(pattern.pattern.utf8.count == 1000)
        #expect(pattern.needsALook)
        let korean = TextPattern(String(repeating: "마", count: 334))
        #expect(korean.pattern == String(repeating: "마", count: 333))
    }
}
