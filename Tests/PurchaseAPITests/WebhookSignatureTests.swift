import SagaChoreography
import Testing
import WebhookSigning

@testable import PurchaseAPI

@Suite struct `A webhook's signature` {
    private static let secret = "whsec_of_the_tests_0123456789"
    private static let body = Array(#"{"id":"evt_1"}"#.utf8)
    private static let now = Timestamp(milliseconds: 1_700_000_000_000)
    /// `printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac whsec_of_the_tests_0123456789`.
    private static let code = "61bd7868b6ab62f894542f1a0cc647e6ba3e6e39c2bd05ece953ce28b136726b"

    private func refusal(
        _ header: String?, body: [UInt8] = body, secret: String = secret, at now: Timestamp = now
    ) -> WebhookSignature.Refusal? {
        do {
            try WebhookSignature(secret: secret).check(header, over: body, at: now)
            return nil
        } catch {
            return error
        }
    }

    @Test func `is what other programs compute`() {
        let header = "t=1700000000,v1=\(Self.code)"
        #expect(WebhookSignature(secret: Self.secret).header(over: Self.body, at: Self.now) == header)
        #expect(refusal(header) == nil)
    }

    @Test func `counts if one of several is right, and later schemes are passed over`() {
        let wrong = String(repeating: "0", count: 64)
        #expect(refusal("t=1700000000,v1=\(wrong),v1=\(Self.code)") == nil)
        #expect(refusal("t=1700000000,v2=x,v1=\(Self.code.uppercased())") == nil)
        #expect(refusal("t=1700000000,v1=\(wrong),v1=\(wrong)") == .forged)
    }

    @Test func `is forged with another secret, body or time`() {
        let header = "t=1700000000,v1=\(Self.code)"
        #expect(refusal(header, secret: "whsec_of_somebody_else_0123456") == .forged)
        #expect(refusal(header, body: Self.body + [32]) == .forged)
        #expect(refusal("t=1700000001,v1=\(Self.code)") == .forged)
    }

    @Test(arguments: [(-300, nil), (300, nil), (-301, WebhookSignature.Refusal.expired), (301, .expired)])
    func `is good for 300 seconds on either side`(seconds: Int, expected: WebhookSignature.Refusal?) {
        let header = "t=1700000000,v1=\(Self.code)"
        #expect(refusal(header, at: Self.now + .seconds(seconds)) == expected)
    }

    @Test(arguments: [
        "", "t=", "t=1700000000", "v1=VECTOR", "t=1700000000,v1=", "t=1700000000,v1=zz", "t=1700000000;v1=VECTOR",
        "t=-1,v1=VECTOR", "t=1e9,v1=VECTOR", "t=1,t=1700000000,v1=VECTOR", "t=99999999999999999999,v1=VECTOR",
        "t=1700000000,v1=VECTOR,v1=VECTOR,v1=VECTOR,v1=VECTOR,v1=VECTOR", String(repeating: "t", count: 2000),
    ])
    func `is malformed in any other form`(_ header: String) {
        #expect(
            refusal(header.split(separator: "VECTOR", omittingEmptySubsequences: false).joined(separator: Self.code))
                == .malformed)
    }

    @Test func `is missing if there is none`() { #expect(refusal(nil) == .missing) }
}
