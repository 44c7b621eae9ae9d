import Orders
import PurchaseContracts
import Testing

@testable import PurchaseAPI

@Suite struct OrderInputTests {
    private static let id = "018f0000-0000-7000-8000-000000000001"

    private func problems(_ text: String) throws -> [String] {
        do {
            _ = try OrderInput.read(try StrictJSON.parse(Array(text.utf8)))
            return []
        } catch let error as APIError {
            return error.fields.map { "\($0.pointer) \($0.code.rawValue.dropFirst("field.".count))" }.sorted()
        }
    }

    @Test(arguments: [
        (#"[]"#, [" object"]),
        (#"{}"#, ["/items required", "/userId required"]),
        (#"{"userId":"ID","items":[]}"#, ["/items count"]),
        (#"{"userId":"ID","items":{}}"#, ["/items array"]),
        (
            #"{"userId":"x","items":[{"itemId":1,"quantity":"1"}]}"#,
            ["/items/0/itemId string", "/items/0/quantity integer", "/userId id"]
        ),
        (
            #"{"userId":"ID","items":[{"itemId":"ID","quantity":0},{"itemId":"ID"},7]}"#,
            ["/items/0/quantity range", "/items/1/quantity required", "/items/2 object"]
        ),
        (#"{"userId":"ID","itemId":"ID","quantity":-1}"#, ["/quantity range"]),
        (#"{"userId":"ID","itemId":"ID","quantity":1.5}"#, ["/quantity integer"]),
        (#"{"userId":"ID","itemId":"ID","quantity":1e2}"#, ["/quantity integer"]),
        (#"{"userId":"ID","itemId":"ID","quantity":1000001}"#, ["/quantity range"]),
        (#"{"userId":"ID","itemId":"ID","quantity":9223372036854775808}"#, ["/quantity range"]),
        (#"{"userId":"ID","itemId":"ID","quantity":null}"#, ["/quantity required"]),
        (
            #"{"userId":"ID","itemId":"ID","quantity":1,"items":[{"itemId":"ID","quantity":1}]}"#,
            ["/itemId conflict", "/quantity conflict"]
        ),
        (
            #"{"userId":"ID","itemId":"ID","quantity":1,"couponCode":"A","userCouponId":"ID"}"#,
            ["/userCouponId conflict"]
        ),
        (#"{"userId":"ID","itemId":"ID","quantity":1,"couponCode":"  "}"#, ["/couponCode blank"]),
        (#"{"userId":"ID","itemId":"ID","quantity":1,"couponCode":"a\u0007"}"#, ["/couponCode control-characters"]),
        (
            #"{"userId":"ID","items":[{"itemId":"ID","quantity":600000},{"itemId":"ID","quantity":600000}]}"#,
            ["/items/1/quantity range"]
        ),
        (#"{"userId":"ID","itemId":"ID","quantity":1,"unknown":{}}"#, []),
    ])
    func `every bad field is named`(body: String, expected: [String]) throws {
        #expect(
            try problems(body.split(separator: "ID", omittingEmptySubsequences: false).joined(separator: Self.id))
                == expected)
    }

    @Test func `both forms say the same`() throws {
        let short =
            #"{"userId":"\#(Self.id)","itemId":"\#(Self.id)","quantity":2,"couponCode":"A","userCouponId":null}"#
        let documented = #"{"userId":"\#(Self.id)","items":[{"itemId":"\#(Self.id)","quantity":2}],"couponCode":"A"}"#
        let first = try OrderInput.read(try StrictJSON.parse(Array(short.utf8)))
        #expect(first == (try OrderInput.read(try StrictJSON.parse(Array(documented.utf8)))))
        #expect(first.coupon == .code("A"))
        #expect(first.lines.map(\.quantity) == [2])
    }

    @Test func `fifty lines are taken and fifty-one are not`() throws {
        func body(_ count: Int) -> String {
            let lines = (0..<count).map {
                #"{"itemId":"018f0000-0000-7000-8000-\#(100_000_000_000 + $0)","quantity":1}"#
            }
            return #"{"userId":"\#(Self.id)","items":[\#(lines.joined(separator: ","))]}"#
        }
        #expect(try problems(body(50)) == [])
        #expect(try problems(body(51)) == ["/items count"])
    }
}
