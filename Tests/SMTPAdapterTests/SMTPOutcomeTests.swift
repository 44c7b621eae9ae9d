import Notifications
import Testing

@testable import SMTPAdapter

@Suite struct `What a mail server's answer means` {
    private func kind(_ stage: SMTPOutcome.Stage, _ code: Int?) -> SendingFailure.Kind? {
        SMTPOutcome(stage: stage, reply: code.map { ($0, nil) }, problem: "problem").failure?.kind
    }

    @Test func `no problem is success`() {
        #expect(SMTPOutcome(stage: .content, reply: (250, "2.0.0"), problem: nil).failure == nil)
    }

    @Test func `a 5xx to the recipient or the message is final`() {
        for stage in [SMTPOutcome.Stage.recipient, .content] {
            for code in [500, 550, 551, 552, 553, 554] { #expect(kind(stage, code) == .permanent) }
            #expect(kind(stage, 530) == .transient(retryAfter: nil))
        }
    }

    @Test func `everything else may pass`() {
        for stage in [SMTPOutcome.Stage.connecting, .greeting, .authenticating, .sender] {
            for code in [nil, 421, 535, 550, 554] { #expect(kind(stage, code) == .transient(retryAfter: nil)) }
        }
        for code in [nil, 354, 421, 450, 451, 452] {
            #expect(kind(.recipient, code) == .transient(retryAfter: nil))
            #expect(kind(.content, code) == .transient(retryAfter: nil))
        }
    }

    @Test(
        arguments: [
            ("550 5.1.1 <kim@mail.example> unknown\r\n", 550, "5.1.1"), ("451 try later", 451, nil),
            ("250-SIZE 1", 250, nil), ("550 4.1.1 odd", 550, nil), ("554 5.7.1", 554, "5.7.1"),
            ("421 10.0.0.1", 421, nil),
        ] as [(String, Int, String?)])
    func `only its codes are kept`(_ line: String, _ code: Int, _ enhanced: String?) throws {
        let found = try #require(SMTPOutcome.codes(in: Array(line.utf8)))
        #expect(found.code == code && found.enhanced == enhanced)
    }

    @Test(arguments: ["", "25", "abc def", "999 x", "\u{FFFD}\u{FFFD}\u{FFFD}"])
    func `what has no code says nothing`(_ line: String) {
        #expect(SMTPOutcome.codes(in: Array(line.utf8)) == nil)
    }
}
