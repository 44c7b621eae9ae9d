import FoundationEssentials
import Testing

@testable import PurchaseAPI

@Suite struct CursorTests {
    private let cursors = Cursors(secret: Array("a secret".utf8))

    @Test func `a cursor leads back to its id, in its list only`() {
        let id = UUID()
        let cursor = cursors.write(id, of: "items")
        #expect(cursors.read(cursor, of: "items") == id)
        #expect(cursors.read(cursor, of: "orders/1") == nil)
        #expect(Cursors(secret: Array("another".utf8)).read(cursor, of: "items") == nil)
    }

    @Test(arguments: ["", "x", "AAAAAAAAAAAAAAAAAAAAAA", "!!!!", String(repeating: "A", count: 38)])
    func `a forged cursor is refused`(cursor: String) {
        #expect(cursors.read(cursor, of: "items") == nil)
    }

    @Test func `base 64 reads back what it wrote and nothing else`() {
        for count in 0..<40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            #expect(Base64URL.decode(Base64URL.encode(bytes)) == bytes)
        }
        for text in ["A", "AB=", "A+", "A/", "AB\n", "AR"] { #expect(Base64URL.decode(text) == nil, "\(text)") }
    }
}
