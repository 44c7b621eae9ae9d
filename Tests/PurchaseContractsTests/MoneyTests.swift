import PurchaseContracts
import Testing

@Suite struct MoneyTests {
    @Test func `arithmetic that does not fit is an error, never a wrapped number`() throws {
        #expect(throws: MoneyOverflow.self) { try Money(.max).adding(Money(1)) }
        #expect(throws: MoneyOverflow.self) { try Money(.min).subtracting(Money(1)) }
        #expect(throws: MoneyOverflow.self) { try Money(.max / 2 + 1).times(2) }
        #expect(try Money(10_000).times(3).subtracting(Money(1)) == Money(29_999))
    }

    @Test(arguments: ["krw", "KR", "KRWX", "K1W", "", "₩₩₩"])
    func `what is no ISO 4217 code is no currency`(_ text: String) {
        #expect(Currency(text) == nil)
    }

    @Test func `ids are read and written in the canonical form`() {
        let text = "0194fdc2-fa2f-7cc0-81d3-ff120745bc1b"
        #expect(OrderID(text)?.description == text)
        #expect(OrderID(text.uppercased())?.description == text)
        #expect(OrderID("0194fdc2fa2f7cc081d3ff120745bc1b") == nil)
        #expect(OrderID("x") == nil)
    }
}
