import Foundation
import PurchaseContracts
import SagaChoreography
import Testing

@testable import SMTPAdapter

@Suite struct `A mail message` {
    private static let id = UUID(uuid: (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16))

    private func message(
        subject: String = "Hello", body: String = "Text\n", name: String? = nil
    ) throws -> MailMessage {
        MailMessage(
            id: Self.id, date: Timestamp(milliseconds: 1_795_600_000_000),
            from: Mailbox(name: name, address: try #require(EmailAddress("orders@shop.example"))),
            to: try #require(EmailAddress("kim@mail.example")), subject: subject, body: body, language: "en")
    }

    private func lines(_ message: MailMessage) -> [String] {
        String(decoding: message.bytes, as: UTF8.self).components(separatedBy: "\r\n")
    }

    @Test func `has the headers of RFC 5322 and its text`() throws {
        #expect(
            lines(try message()) == [
                "Date: Wed, 25 Nov 2026 09:46:40 +0000",
                "Message-ID: <01020304-0506-0708-090a-0b0c0d0e0f10@shop.example>",
                "From: <orders@shop.example>", "To: <kim@mail.example>", "Subject: Hello", "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8", "Content-Transfer-Encoding: 7bit", "Content-Language: en",
                "Auto-Submitted: auto-generated", "", "Text", "",
            ])
    }

    @Test func `is the same bytes each time it is sent`() throws {
        #expect(try message(subject: "주문 완료").bytes == (try message(subject: "주문 완료").bytes))
    }

    @Test(arguments: [
        (0, "Thu, 01 Jan 1970 00:00:00 +0000"), (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 +0000"),
        (-1000, "Wed, 31 Dec 1969 23:59:59 +0000"),
    ])
    func `dates are written with their weekday`(_ milliseconds: Int64, _ text: String) {
        #expect(MailMessage.date(Timestamp(milliseconds: milliseconds)) == text)
    }

    @Test func `text beyond ASCII is base64 in short lines`() throws {
        let text = String(repeating: "주문이 완료되었습니다. ", count: 40) + "\n끝\n"
        let all = lines(try message(body: text))
        #expect(all.contains("Content-Transfer-Encoding: base64"))
        let end = try #require(all.firstIndex(of: ""))
        let body = all[(end + 1)...]
        let isShort = body.allSatisfy { $0.utf8.count <= 76 }
        #expect(isShort)
        let decoded = try #require(Data(base64Encoded: body.joined()))
        #expect(String(decoding: decoded, as: UTF8.self) == text.replacing("\n", with: "\r\n"))
    }

    @Test func `a line that is too long for a server is base64 as well`() throws {
        #expect(
            lines(try message(body: String(repeating: "a", count: 999))).contains("Content-Transfer-Encoding: base64"))
        #expect(
            lines(try message(body: String(repeating: "a", count: 998))).contains("Content-Transfer-Encoding: 7bit"))
    }

    @Test(arguments: ["a\nb\n", "a\r\nb\r\n", "a\rb\r"])
    func `lines end as mail wants it`(_ body: String) throws {
        #expect(lines(try message(body: body)).suffix(3) == ["a", "b", ""])
    }

    @Test(arguments: [
        "주문 완료: 마법검 외 2건", String(repeating: "가", count: 100), String(repeating: "a", count: 200), "=?UTF-8?B?eA==?=",
        "🗡️검",
        "", " a ",
    ])
    func `a subject comes out as it went in`(_ subject: String) throws {
        let all = lines(try message(subject: subject))
        let start = try #require(all.firstIndex { $0.hasPrefix("Subject: ") })
        var folded = [String(all[start].dropFirst(9))]
        for line in all[(start + 1)...] {
            guard line.hasPrefix(" ") else { break }
            folded.append(String(line.dropFirst()))
        }
        let isShort = all[start..<(start + folded.count)].allSatisfy { $0.utf8.count <= 76 }
        #expect(isShort)
        if folded == [subject] { return }
        let decoded = try folded.map { word -> String in
            let code = try #require(word.wholeMatch(of: #/=\?UTF-8\?B\?([A-Za-z0-9+\/=]*)\?=/#)?.output.1)
            // Each word by itself is whole characters (RFC 2047, section 5).
            let bytes = try #require(Data(base64Encoded: String(code)))
            return try #require(String(data: bytes, encoding: .utf8))
        }
        #expect(decoded.joined() == subject)
    }

    @Test(arguments: [
        "a\r\nBcc: x@y.example", "a\nBcc: x@y.example", "a\rb", "a\u{0}b", "a\u{85}b", "a\u{2028}b", "가\r\nBcc: x",
    ])
    func `nothing in a subject or a name makes another header`(_ hostile: String) throws {
        let all = lines(try message(subject: hostile, name: hostile))
        let head = all.prefix { $0 != "" }
        #expect(head.filter { !$0.hasPrefix(" ") }.count == 10)
        #expect(!head.contains { $0.hasPrefix("Bcc") })
        let isPlain = head.joined().utf8.allSatisfy { (32...126).contains($0) }
        #expect(isPlain)
    }

    @Test(arguments: [
        ("A Shop", "From: \"A Shop\""), ("A \"B\" \\C", #"From: "A \"B\" \\C""#), ("가게", "From: =?UTF-8?B?6rCA6rKM?="),
    ])
    func `a name stands before the sender's address`(_ name: String, _ line: String) throws {
        let all = lines(try message(name: name))
        let index = try #require(all.firstIndex(of: line))
        #expect(all[index + 1] == " <orders@shop.example>")
    }

    @Test func `a mailbox is an address, alone or with a name`() {
        #expect(Mailbox("orders@shop.example")?.name == nil)
        #expect(Mailbox("A Shop <orders@shop.example>")?.name == "A Shop")
        #expect(Mailbox("가게<orders@shop.example>")?.name == "가게")
        for wrong in ["", "<orders@shop.example>", "A Shop orders@shop.example", "A <b> <c>", "A\r\nB <a@b.example>"] {
            #expect(Mailbox(wrong) == nil, "\(wrong)")
        }
    }

    @Test func `a pattern for users without an address is one mail address each`() throws {
        let user = UserID(Self.id)
        #expect(RecipientPattern("{user}@c.example")?.address(of: user)?.description == "\(user)@c.example")
        #expect(RecipientPattern("box@c.example")?.address(of: user)?.description == "box@c.example")
        for wrong in ["", "{user}", "a b@c.example", "{user}{user}@c.example"] {
            #expect(RecipientPattern(wrong) == nil, "\(wrong)")
        }
    }
}
