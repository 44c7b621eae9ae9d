import PurchaseContracts
import Testing

@Suite struct `A mail address` {
    @Test(arguments: [
        "kim@shop.example", "a@b", "kim.min-su+orders@mail.shop.example", "o'brien@xn--9n2bp8q.kr", "{x}@a-b.example",
    ])
    func `is written as it was read`(_ text: String) throws {
        #expect(try #require(EmailAddress(text)).description == text)
    }

    @Test(arguments: [
        "", "@", "kim", "kim@", "@shop.example", "kim@shop..example", "kim@.example", "kim@shop.example.", ".kim@a.b",
        "kim.@a.b", "k..m@a.b", "kim@-a.b", "kim@a-.b", "kim@a_b.c", "kim lee@a.b", "kim@a b", "\"kim\"@a.b",
        "kim@[127.0.0.1]", "김@가게.kr", "kim@a.b\r\nBcc: x@y.z", "kim@a.b\n", "kim\u{0}@a.b", "<kim@a.b>",
        "kim@a.b,x@y.z",
        "kim@x@y",
    ])
    func `is nothing that could be more than one address`(_ text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test func `has bounds`() {
        let long = String(repeating: "a", count: 64)
        #expect(EmailAddress("\(long)@b.example") != nil)
        #expect(EmailAddress("\(long)a@b.example") == nil)
        #expect(EmailAddress("a@\(String(repeating: "b", count: 64)).example") == nil)
        #expect(EmailAddress("a@" + Array(repeating: "bbbbbbb", count: 40).joined(separator: ".")) == nil)
    }
}
